"""The rotation function: what AWS Lambda runs. It imports nothing of Strongroom, only boto3, which every Python runtime
of Lambda has, and the driver of its database, which `package.py` puts beside it."""
