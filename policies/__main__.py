"""Where the Pulumi engine starts the policy pack."""

from strongroom_policies.frame.pack import serve
from strongroom_policies.registry import RULES

serve(RULES)
