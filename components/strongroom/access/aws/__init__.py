"""Who may do what in AWS: policies as AWS evaluates them, with what is not known said to be so."""
