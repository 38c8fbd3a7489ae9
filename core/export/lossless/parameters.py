"""Parameter sets of H.264 and HEVC: what they say of a stream, and the header of a file for them.

Syntax after ITU-T H.264 (08/2021) 7.3.2 and ITU-T H.265 (08/2021) 7.3; file headers after ISO/IEC
14496-15 (avcC and hvcC).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.export.lossless.bits import (
    LENGTH_SIZE,
    BitReader,
    bit_text,
    escaped,
    from_bit_text,
    golomb,
    payload_of,
    split_lengths,
    split_start_codes,
)

Codec = Literal["h264", "hevc"]

H264_SPS, H264_PPS = 7, 8
HEVC_VPS, HEVC_SPS, HEVC_PPS = 32, 33, 34
_SETS: dict[Codec, tuple[int, ...]] = {
    "h264": (H264_SPS, H264_PPS),
    "hevc": (HEVC_VPS, HEVC_SPS, HEVC_PPS),
}
_HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
_EXTENDED_ASPECT = 255
_HEVC_PROFILE_BYTES = 12
_WIDE_PPS_IDS = range(15, 31)


@dataclass(frozen=True)
class Sequence264:
    """What an H.264 sequence parameter set says.

    Attributes:
        profile: ``profile_idc``.
        level: ``level_idc``.
        progressive: It has whole frames only.
        reorder: Frames that are decoded before one that is shown earlier; None if not said.
        buffered: Frames that a decoder holds at most.
        chroma_place: Where chroma samples lie, ``chroma_sample_loc_type``; 0 if not said.
    """

    profile: int
    level: int
    progressive: bool
    reorder: int | None
    buffered: int
    chroma_place: int


def unit_kind(codec: Codec, unit: bytes) -> int:
    """``nal_unit_type`` of a unit."""
    return unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63


def is_parameter_set(codec: Codec, unit: bytes) -> bool:
    """Whether a unit is a parameter set."""
    return unit_kind(codec, unit) in _SETS[codec]


def sets_of(codec: Codec, header: bytes) -> tuple[tuple[bytes, ...], int]:
    """The parameter sets of a stream's header.

    Args:
        codec: Kind of the stream.
        header: ``avcC``, ``hvcC``, or a byte stream.

    Returns:
        The sets, and the bytes of the length before each unit of a packet; 0 for start codes.

    Raises:
        ValueError: The header is not understood.
    """
    units: list[bytes] = []
    if not header or header[0] != 1:
        units = split_start_codes(header)
        length_size = 0
    elif codec == "h264":
        length_size = (header[4] & 3) + 1
        place = 5
        for mask in (31, 255):
            count = header[place] & mask
            place += 1
            for _ in range(count):
                place = _take(header, place, units)
    else:
        length_size = (header[21] & 3) + 1
        place = 23
        for _ in range(header[22]):
            count = int.from_bytes(header[place + 1 : place + 3], "big")
            place += 3
            for _ in range(count):
                place = _take(header, place, units)
    return tuple(unit for unit in units if is_parameter_set(codec, unit)), length_size


def _take(header: bytes, place: int, units: list[bytes]) -> int:
    begin = place + 2
    end = begin + int.from_bytes(header[place:begin], "big")
    if end > len(header):
        raise ValueError("the header ends too early")
    if end > begin:
        units.append(header[begin:end])
    return end


def packet_units(data: bytes, length_size: int) -> list[bytes]:
    """The units of a packet, whichever way they are parted.

    Raises:
        ValueError: The packet is damaged.
    """
    return split_lengths(data, length_size) if length_size else split_start_codes(data)


def sequence_264(unit: bytes) -> Sequence264:
    """What an H.264 sequence parameter set says.

    Raises:
        ValueError: It is damaged.
    """
    bits = BitReader(payload_of(unit)[1:])
    profile, _, level = bits.number(8), bits.number(8), bits.number(8)
    bits.unsigned()
    if profile in _HIGH_PROFILES:
        chroma = bits.unsigned()
        if chroma == 3:
            bits.number(1)
        bits.unsigned(), bits.unsigned(), bits.number(1)
        if bits.flag():
            for index in range(12 if chroma == 3 else 8):
                if bits.flag():
                    _skip_scaling(bits, 16 if index < 6 else 64)
    bits.unsigned()
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.number(1), bits.signed(), bits.signed()
        for _ in range(bits.unsigned()):
            bits.signed()
    references = bits.unsigned()
    bits.number(1), bits.unsigned(), bits.unsigned()
    progressive = bits.flag()
    if not progressive:
        bits.number(1)
    bits.number(1)
    if bits.flag():
        for _ in range(4):
            bits.unsigned()
    reorder: int | None = 0 if order == 2 else None
    buffered, chroma_place = references, 0
    if bits.flag():
        chroma_place, said = _usability(bits)
        if said is not None:
            reorder, buffered = said
    return Sequence264(profile, level, progressive, reorder, max(1, buffered), chroma_place)


def _skip_scaling(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _usability(bits: BitReader) -> tuple[int, tuple[int, int] | None]:
    """Place of chroma, and reordered and buffered frames, of the video usability information."""
    if bits.flag() and bits.number(8) == _EXTENDED_ASPECT:
        bits.number(32)
    if bits.flag():
        bits.number(1)
    if bits.flag():
        bits.number(4)
        if bits.flag():
            bits.number(24)
    chroma_place = 0
    if bits.flag():
        chroma_place = bits.unsigned()
        bits.unsigned()
    if bits.flag():
        bits.number(65)
    models = 0
    for _ in range(2):
        if bits.flag():
            models += 1
            count = bits.unsigned() + 1
            bits.number(8)
            for _ in range(count):
                bits.unsigned(), bits.unsigned(), bits.number(1)
            bits.number(20)
    if models:
        bits.number(1)
    bits.number(1)
    if not bits.flag():
        return chroma_place, None
    bits.number(1)
    for _ in range(4):
        bits.unsigned()
    return chroma_place, (bits.unsigned(), bits.unsigned())


def is_interlaced_hevc(unit: bytes) -> bool:
    """Whether an HEVC sequence parameter set says that its pictures are fields."""
    flags = payload_of(unit)[8]
    return bool(flags & 0x40) and not flags & 0x80


def free_id_264(sets: Sequence[bytes]) -> int:
    """A number that no parameter set of an H.264 stream has."""
    taken = set()
    for unit in sets:
        bits = BitReader(payload_of(unit)[1:])
        if unit_kind("h264", unit) == H264_SPS:
            bits.number(24)
        taken.add(bits.unsigned())
    return max(number for number in range(32) if number not in taken)


@dataclass(frozen=True)
class HevcIds:
    """Numbers of the parameter sets that an encoder's own are changed to; it counts from 0.

    The one of the picture parameter set has nine bits instead of one, so that a slice header grows
    by a whole byte and the coded picture behind it stays as it is.
    """

    video: int
    sequence: int
    picture: int

    def renumbered(self, unit: bytes) -> bytes:
        """A unit of the encoder's, with these numbers.

        Raises:
            ValueError: The unit is not one that the encoder was asked for.
        """
        kind = unit_kind("hevc", unit)
        payload = payload_of(unit)
        head, body = payload[:2], payload[2:]
        if kind == HEVC_VPS:
            return escaped(head + bytes([self.video << 4 | body[0] & 15]) + body[1:])
        if kind == HEVC_SPS:
            before = 1 + _HEVC_PROFILE_BYTES
            first = bytes([self.video << 4 | body[0] & 15]) + body[1:before]
            if body[0] >> 1 & 7:
                raise ValueError("the encoder used temporal layers")
            return escaped(head + first + _renumbered(body[before:], [self.sequence]))
        if kind == HEVC_PPS:
            return escaped(head + _renumbered(body, [self.picture, self.sequence]))
        if kind < HEVC_VPS:
            before_id = 2 if 16 <= kind <= 23 else 1
            start = bit_text(body[:1])
            if start[before_id] != "1":
                raise ValueError("the encoder numbered its parameter sets")
            changed = start[:before_id] + golomb(self.picture) + start[before_id + 1 :]
            return escaped(head + from_bit_text(changed) + body[1:])
        return unit


def _renumbered(body: bytes, numbers: Sequence[int]) -> bytes:
    """A parameter set whose first fields, all 0, become others; its end is aligned anew."""
    bits = bit_text(body).rstrip("0")[:-1]
    if bits[: len(numbers)] != "1" * len(numbers):
        raise ValueError("the encoder numbered its parameter sets")
    bits = "".join(golomb(number) for number in numbers) + bits[len(numbers) :] + "1"
    return from_bit_text(bits + "0" * (-len(bits) % 8))


def free_ids_hevc(sets: Sequence[bytes]) -> HevcIds:
    """Numbers that no parameter set of an HEVC stream has."""
    taken: dict[int, set[int]] = {kind: set() for kind in _SETS["hevc"]}
    for unit in sets:
        kind = unit_kind("hevc", unit)
        bits = BitReader(payload_of(unit)[2:])
        if kind == HEVC_VPS:
            taken[kind].add(bits.number(4))
            continue
        if kind == HEVC_SPS:
            layers = _layers_behind(bits)
            bits.number(8 * _HEVC_PROFILE_BYTES + layers)
        taken[kind].add(bits.unsigned())
    return HevcIds(
        max(number for number in range(16) if number not in taken[HEVC_VPS]),
        max(number for number in range(16) if number not in taken[HEVC_SPS]),
        max(number for number in _WIDE_PPS_IDS if number not in taken[HEVC_PPS]),
    )


def _layers_behind(bits: BitReader) -> int:
    """Bits that temporal layers add behind the profile of an HEVC sequence parameter set."""
    bits.number(4)
    below = bits.number(3)
    bits.number(1)
    if not below:
        return 0
    place = bits.position
    bits.number(8 * _HEVC_PROFILE_BYTES)
    said = [(bits.flag(), bits.flag()) for _ in range(8)][:below]
    bits.position = place
    return 16 + sum(88 * profile + 8 * level for profile, level in said)


def file_header(codec: Codec, sets: Sequence[bytes], bit_depth: int) -> bytes:
    """``avcC`` or ``hvcC`` with parameter sets; what the first says is said of the stream.

    Args:
        codec: Kind of the stream.
        sets: All parameter sets; the first sequence parameter set is the source's.
        bit_depth: Bits per sample.
    """
    kinds = {kind: [u for u in sets if unit_kind(codec, u) == kind] for kind in _SETS[codec]}
    if codec == "h264":
        sequences, pictures = kinds[H264_SPS], kinds[H264_PPS]
        level = max(unit[3] for unit in sequences)
        header = bytes([1, sequences[0][1], sequences[0][2], level, 0xFC | LENGTH_SIZE - 1])
        header += bytes([0xE0 | len(sequences)]) + b"".join(map(_with_length, sequences))
        header += bytes([len(pictures)]) + b"".join(map(_with_length, pictures))
        if sequences[0][1] in _HIGH_PROFILES:
            depth = 0xF8 | bit_depth - 8
            header += bytes([0xFD, depth, depth, 0])
        return header
    sequences = [payload_of(unit) for unit in kinds[HEVC_SPS]]
    profile = bytearray(sequences[0][3 : 3 + _HEVC_PROFILE_BYTES])
    profile[-1] = max(unit[2 + _HEVC_PROFILE_BYTES] for unit in sequences)
    layers = (sequences[0][2] >> 1 & 7) + 1
    depth = 0xF8 | bit_depth - 8
    header = bytes([1]) + bytes(profile) + bytes([0xF0, 0, 0xFC, 0xFD, depth, depth, 0, 0])
    nested = sequences[0][2] & 1
    header += bytes([layers << 3 | nested << 2 | LENGTH_SIZE - 1, len(kinds)])
    for kind, units in kinds.items():
        header += bytes([0x80 | kind]) + len(units).to_bytes(2, "big")
        header += b"".join(map(_with_length, units))
    return header


def _with_length(unit: bytes) -> bytes:
    return len(unit).to_bytes(2, "big") + unit
