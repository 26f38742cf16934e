"""The program of every stack: its name and configuration say which environment, and which slice of it, is applied."""

from pathlib import Path

from strongroom.program import run

run(Path(__file__).resolve().parent.parent)
