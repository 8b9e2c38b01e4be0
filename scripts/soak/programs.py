"""Programs whose every byte is known beforehand: a run's number decides what it prints, leaves and returns."""

import hashlib
import inspect
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run that nothing happened to comes to."""

    output: bytes
    artifacts: dict[str, str]  # path to SHA-256
    exit_code: int


def lines(number: int) -> list[bytes]:
    dice = random.Random(number)
    return [b"%d %d " % (number, n) + b"x" * dice.randrange(200) + b"\n" for n in range(dice.randrange(5, 60))]


def files(number: int) -> dict[str, bytes]:
    dice = random.Random(number + 1_000_000)
    return {f"part-{n}": dice.randbytes(dice.randrange(1, 100_000)) for n in range(dice.randrange(1, 4))}


def exit_code(number: int) -> int:
    return 3 if number % 4 == 0 else 0


def source(number: int) -> str:
    """The program: the functions above, and what makes it last between tenths of a second and two seconds."""
    made = "\n".join(inspect.getsource(function) for function in (lines, files, exit_code))
    return (
        f"import os, random, time\n{made}\n"
        f"for line in lines({number}):\n    os.write(1, line); time.sleep(.03 * random.random())\n"
        f"for name, data in files({number}).items():\n    open('outputs/' + name, 'wb').write(data)\n"
        f"raise SystemExit(exit_code({number}))\n"
    )


def expected(number: int) -> Expected:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files(number).items()}
    return Expected(b"".join(lines(number)), digests, exit_code(number))
