"""Contract tests: recorded requests get the same ids, outputs and differences from a stand-in on a real OpenBao.

The recording of the official provider is handed out beside the repository and not part of it. Where it is absent our
own smaller one stands alone: it was made with the stand-in on a day when that answered the official recording's 268
requests as the official provider had done, so it shows that nothing has changed since.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom_sandbox import Sandbox
from support.database import database_admin
from support.flavours import only_on
from support.recordings import Book, Replay, recorded
from support.stand_in import Engine, Json

OWN = Path(__file__).parent / "data" / "stand-in-on-openbao.jsonl"
REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
OFFICIAL = REFERENCE / "recordings" / "pulumi-vault-7.11-on-openbao-2.7.2.jsonl"
RECORDINGS = [recording for recording in (OWN, OFFICIAL) if recording.exists()]
ANSWERS = [
    (recording, entry["step"], entry["op"], entry["name"]) for recording in RECORDINGS for entry in recorded(recording)
]


@dataclass(frozen=True)
class Stage:
    """What the recorded program found when it was run."""

    sandbox: Sandbox
    admin: tuple[str, str]
    """A role of PostgreSQL that manages others, and its password."""

    def book(self) -> Book:
        """Return what stands for the recorded folders, password and cut texts."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        authority = x509.load_pem_x509_certificate(self.sandbox.vault.ca_file.read_bytes())
        book = Book()
        book.tokens["@/postgres?host=/SOCKET_DIR"] = f"@127.0.0.1:{self.sandbox.postgres.port()}/orders"
        book.tokens["vault_admin"], book.tokens["vault_pass"] = self.admin
        if OFFICIAL.exists():
            for entry in recorded(OFFICIAL):
                news = entry["request"].get("news", {})
                for given in news.get("jwtValidationPubkeys", ()):
                    book.tokens[given] = pem
                    book.tokens[given.replace("(451 ", "(450 ")] = pem.strip()  # the server drops the last newline
                if "kubernetesCaCert" in news:
                    book.tokens[news["kubernetesCaCert"]] = authority.public_bytes(Encoding.PEM).decode()
        return book


@pytest.fixture(scope="module")
def replays(sandbox: Sandbox, engine: Engine) -> dict[Path, Replay]:
    """Run every recording once; the answers are then judged one by one."""
    admin = database_admin(sandbox, "recorded_admin")
    with sandbox.postgres.superuser() as connection:
        connection.execute("CREATE ROLE app_static LOGIN")  # the static role of the recorded program
        connection.execute("GRANT app_static TO recorded_admin WITH ADMIN OPTION")
    stage = Stage(sandbox, admin)
    runs = {recording: Replay(engine, stage.book(), _properties(recording)) for recording in RECORDINGS}
    for recording, replay in runs.items():
        replay.run(recorded(recording))
    return runs


@only_on("openbao")  # what was recorded are its answers, defaults included
@pytest.mark.parametrize(
    ("recording", "step", "operation", "name"), ANSWERS, ids=lambda value: getattr(value, "stem", value)
)
def test_an_answer_is_what_was_recorded(
    replays: dict[Path, Replay], recording: Path, step: str, operation: str, name: str
) -> None:
    assert replays[recording].answers[step, operation, name] == []


def test_the_official_recording_is_replayed_where_it_is_at_hand() -> None:
    if OFFICIAL.exists():
        assert OFFICIAL in RECORDINGS
    else:
        print(f"{OFFICIAL} is absent: our own recording stands alone")
    assert OWN in RECORDINGS


def _properties(recording: Path) -> dict[str, set[str]] | None:
    if recording != OFFICIAL:
        return None  # made with the version that is installed
    resources: Json = json.loads((REFERENCE / "pulumi-vault-resources.json").read_text())["resources"]
    return {token: {*facts["inputs"], *facts["outputs"]} for token, facts in resources.items()}
