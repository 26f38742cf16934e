"""Handing a secret to whoever logs in with it, wrapped by the server: nobody on the way can read it unnoticed."""
