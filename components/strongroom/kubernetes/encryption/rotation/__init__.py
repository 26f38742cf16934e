"""From one ring to another while the cluster runs: a new key, another provider, or back."""
