"""The stand-in for package `vault`: pulumi-vault's resource types on the HTTP API of OpenBao and HashiCorp Vault."""
