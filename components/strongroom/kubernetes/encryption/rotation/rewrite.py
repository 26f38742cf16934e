"""Has every object written anew that is not under the ring's first entry, at a rate that the cluster bears."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError, UnansweredApiError

GONE: Final = 404
SHOWN: Final = 10
PATIENCE_SECONDS: Final = 10.0
"""How long one object is tried again while no server can write it."""


class Rewriting:
    """Asks API servers to write objects as they are. Done to an object twice, it is as done once."""

    def __init__(
        self,
        apis: Sequence[Api],
        rate_per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Args: rate_per_second: How many objects at the most."""
        self._apis, self._pause = apis, 1 / rate_per_second
        self._now, self._sleep = now, sleep

    def all(self, paths: Iterable[str], progress: Callable[[int], None]) -> int:
        """Writes all; calls `progress` with how many are done.

        Raises UnansweredError if no server answers any more; and StrongroomError, which names what could not be
        written, after everything else was.
        """
        done, failed, due = 0, list[str](), self._now()
        for path in paths:
            self._sleep(max(0.0, due - self._now()))
            due = max(due, self._now()) + self._pause
            try:
                self._one(path)
                done += 1
            except UnansweredApiError:
                raise
            except ApiError as error:
                failed.append(str(error))
            progress(done)
        if failed:
            more = f" and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
            raise StrongroomError(
                f"{len(failed)} objects could not be rewritten, {done} were: {'; '.join(failed[:SHOWN])}{more}. Old "
                "keys stay until all of them are. Mend or delete these objects, and run the same again"
            )
        return done

    def _one(self, path: str) -> None:
        until = self._now() + PATIENCE_SECONDS
        while True:
            for api in self._apis:
                try:
                    api.touched(path)
                    return
                except UnansweredApiError:
                    if self._now() >= until:
                        raise
                except ApiError as error:
                    if error.status != GONE:  # what somebody deleted needs no key
                        raise
                    return
            self._sleep(1)
