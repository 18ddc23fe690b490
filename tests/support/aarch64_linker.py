"""An AArch64 object, linked at an address of this process."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import Section, Symbol, SymbolTableSection

PAGE = 4096

RETURN = 0xD65F03C0
"""The code of a function that does nothing, in place of each one that the object lacks."""

FIELDS = ("offset", "info_type", "info_sym", "addend")
"""What there is to know of a relocation."""


def is_loaded(section: Section) -> bool:
    """Whether a section is code or constants; tables for exceptions are left out."""
    return bool(section["sh_flags"] & SH_FLAGS.SHF_ALLOC) and section.name != ".eh_frame"


class LinkedObject:
    """The code and the constants of an object in memory, with the address of each symbol.

    `missing` has the names of the functions that the object lacks, by the address that calls of them go to.
    """

    def __init__(self, object_code: bytes):
        elf = ELFFile(io.BytesIO(object_code))
        sections = {number: one for number, one in enumerate(elf.iter_sections()) if is_loaded(one)}
        size = PAGE + sum(PAGE + section.data_size for section in sections.values())
        self._memory = np.frombuffer(mmap.mmap(-1, size), np.uint8)
        self._start = self._memory.ctypes.data
        self._memory[:PAGE].view(np.uint32)[:] = RETURN
        self._sections = self._copied(sections)
        self.missing: dict[int, str] = {}
        table = elf.get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        values = [self._value(symbol) for symbol in table.iter_symbols()]
        self.symbols = {symbol.name: value for symbol, value in zip(table.iter_symbols(), values, strict=True)}
        for one in elf.iter_sections():
            if isinstance(one, RelocationSection) and one["sh_info"] in sections:
                self._relocate(one, values)

    def _copied(self, sections: Mapping[int, Section]) -> Mapping[int, int]:
        """Copy each section to pages of its own, behind that for missing functions; where they are."""
        places: dict[int, int] = {}
        end = PAGE
        for number, section in sections.items():
            places[number] = self._start + end
            self._memory[end : end + section.data_size] = np.frombuffer(section.data(), np.uint8)
            end += -(-section.data_size // PAGE) * PAGE
        return places

    def _value(self, symbol: Symbol) -> int:
        if (section := self._sections.get(symbol["st_shndx"])) is not None:
            return section + symbol["st_value"]
        place = self._start + 4 * len(self.missing)
        self.missing[place] = symbol.name
        return place

    def _relocate(self, relocations: RelocationSection, values: list[int]) -> None:
        for one in relocations.iter_relocations():
            offset, kind, symbol, addend = [int(one[f"r_{field}"]) for field in FIELDS]
            place = self._sections[relocations["sh_info"]] + offset
            self._memory[place - self._start :][:4].view(np.uint32)[:] |= BITS[kind](values[symbol] + addend, place)


def call(value: int, place: int) -> int:
    """The bits of a distance in instructions."""
    return value - place >> 2 & (1 << 26) - 1


def page(value: int, place: int) -> int:
    """The bits of a distance in pages."""
    pages = value // PAGE - place // PAGE
    return (pages & 3) << 29 | (pages >> 2 & (1 << 19) - 1) << 5


def within_page(size: int) -> Callable[[int, int], int]:
    """The bits of a place within a page, in units of `size` bytes."""
    return lambda value, place: value % PAGE // size << 10


BITS: Mapping[int, Callable[[int, int], int]] = MappingProxyType(
    {
        275: page,
        277: within_page(1),
        278: within_page(1),
        282: call,
        283: call,
        284: within_page(2),
        285: within_page(4),
        286: within_page(8),
        299: within_page(16),
    }
)
"""Number of a relocation in the ABI (ADR_PREL_PG_HI21, ADD_ABS_LO12_NC, LDST8..LDST128, JUMP26, CALL26) -> the bits
that an instruction lacks, by the value of the symbol and the place of the instruction."""
