"""What every auth method's role says about the tokens it issues."""

from collections.abc import Mapping
from typing import Any

from ..frame.row import Equality, words
from .conversions import HOSTS_AS_NETWORKS, Conversion, same_networks

TOKEN_DEFAULTS: Mapping[str, Any] = {"tokenType": "default"}
TOKEN_UNORDERED = words("tokenPolicies")
TOKEN_CONVERT: Mapping[str, Conversion] = {"tokenBoundCidrs": HOSTS_AS_NETWORKS}
TOKEN_SAME: Mapping[str, Equality] = {"tokenBoundCidrs": same_networks}
