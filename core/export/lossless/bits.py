"""Bits of H.264 and HEVC units: reading fields, escaping, splitting a stream into its units."""

from __future__ import annotations

import re

_START_CODE = re.compile(rb"\x00\x00\x01")
_FORBIDDEN = re.compile(rb"\x00\x00(?=[\x00-\x03])")
LENGTH_SIZE = 4
"""Bytes of the length before each unit in what is written."""


class BitReader:
    """Reads the fields of a unit's payload one after the other.

    Args:
        payload: Bytes without emulation prevention.

    Raises:
        ValueError: A field lies behind the end.
    """

    def __init__(self, payload: bytes) -> None:
        self._bits = int.from_bytes(payload, "big")
        self._length = 8 * len(payload)
        self.position = 0

    def number(self, bits: int) -> int:
        """An unsigned number of some bits."""
        end = self.position + bits
        if end > self._length:
            raise ValueError("a parameter set ends too early")
        self.position = end
        return self._bits >> (self._length - end) & ((1 << bits) - 1)

    def flag(self) -> bool:
        """One bit."""
        return bool(self.number(1))

    def unsigned(self) -> int:
        """An Exp-Golomb number, ue(v)."""
        zeros = 0
        while not self.number(1):
            zeros += 1
        return (1 << zeros) - 1 + self.number(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb number, se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def golomb(value: int) -> str:
    """An Exp-Golomb number as text of 0 and 1."""
    binary = format(value + 1, "b")
    return "0" * (len(binary) - 1) + binary


def payload_of(unit: bytes) -> bytes:
    """A unit without its emulation prevention."""
    return unit.replace(b"\0\0\3", b"\0\0")


def escaped(payload: bytes) -> bytes:
    """A unit with emulation prevention, as it lies in a stream."""
    return _FORBIDDEN.sub(b"\0\0\3", payload)


def bit_text(payload: bytes) -> str:
    """Bytes as text of 0 and 1."""
    return format(int.from_bytes(payload, "big"), f"0{8 * len(payload)}b") if payload else ""


def from_bit_text(bits: str) -> bytes:
    """Text of 0 and 1, a multiple of eight long, as bytes."""
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def split_start_codes(data: bytes) -> list[bytes]:
    """The units of a byte stream (H.264 Annex B)."""
    marks = [mark.start() for mark in _START_CODE.finditer(data)]
    ends = [*marks[1:], len(data)]
    units = (data[mark + 3 : end].rstrip(b"\0") for mark, end in zip(marks, ends, strict=True))
    return [unit for unit in units if unit]


def split_lengths(data: bytes, length_size: int) -> list[bytes]:
    """The units of a packet in which each follows its length.

    Raises:
        ValueError: The lengths do not fit the packet.
    """
    units = []
    place = 0
    while place < len(data):
        begin = place + length_size
        place = begin + int.from_bytes(data[place:begin], "big")
        if place > len(data):
            raise ValueError("a unit is longer than its packet")
        if place > begin:
            units.append(data[begin:place])
    return units


def joined(units: list[bytes]) -> bytes:
    """A packet in which each unit follows its length."""
    return b"".join(len(unit).to_bytes(LENGTH_SIZE, "big") + unit for unit in units)
