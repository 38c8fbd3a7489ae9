"""Cuts whose frames are copied as they are; only those at the edges are encoded anew."""

from core.export.lossless.refusal import lossless_refusal
from core.export.lossless.write import LosslessPictures, write_lossless

__all__ = ["LosslessPictures", "lossless_refusal", "write_lossless"]
