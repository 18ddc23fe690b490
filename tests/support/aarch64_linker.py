"""AArch64 objects, linked at an address of this process."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class LinkedObjects:
    """The code and the constants of objects in memory, with the address of each symbol.

    `missing` has the names of the functions that all objects lack, by the address that calls of them go to.
    """

    def __init__(self, objects: Sequence[bytes]):
        files = [ELFFile(io.BytesIO(object_code)) for object_code in objects]
        sections = {
            (file, number): section
            for file, elf in enumerate(files)
            for number, section in enumerate(elf.iter_sections())
            if is_loaded(section)
        }
        size = PAGE + sum(PAGE + section.data_size for section in sections.values())
        self._memory = np.frombuffer(mmap.mmap(-1, size), np.uint8)
        self._start = self._memory.ctypes.data
        self._memory[:PAGE].view(np.uint32)[:] = RETURN
        self._sections = self._copied(sections)
        self.symbols: dict[str, int] = {}
        self.missing: dict[int, str] = {}
        for file, elf in enumerate(files):
            self.symbols |= {symbol.name: place for symbol in symbols(elf) if (place := self._place(file, symbol))}
        for file, elf in enumerate(files):
            values = [self._place(file, symbol) or self._imported(symbol.name) for symbol in symbols(elf)]
            for one in elf.iter_sections():
                if isinstance(one, RelocationSection) and (file, one["sh_info"]) in sections:
                    self._relocate(self._sections[file, one["sh_info"]], one, values)

    def _copied(self, sections: Mapping[tuple[int, int], Section]) -> Mapping[tuple[int, int], int]:
        """Copy each section to pages of its own, behind that for missing functions; where they are."""
        places: dict[tuple[int, int], int] = {}
        end = PAGE
        for number, section in sections.items():
            places[number] = self._start + end
            self._memory[end : end + section.data_size] = np.frombuffer(section.data(), np.uint8)
            end += -(-section.data_size // PAGE) * PAGE
        return places

    def _place(self, file: int, symbol: Symbol) -> int | None:
        """Where the file defines a symbol; None if it does not."""
        section = self._sections.get((file, symbol["st_shndx"]))
        return None if section is None else section + symbol["st_value"]

    def _imported(self, name: str) -> int:
        """Where another file defines a symbol, or calls of it go to."""
        if name in self.symbols:
            return self.symbols[name]
        place = self._start + 4 * len(self.missing)
        self.missing[place] = name
        return place

    def _relocate(self, section: int, relocations: RelocationSection, values: list[int]) -> None:
        for one in relocations.iter_relocations():
            offset, kind, symbol, addend = [int(one[f"r_{field}"]) for field in FIELDS]
            place = section + offset
            self._memory[place - self._start :][:4].view(np.uint32)[:] |= BITS[kind](values[symbol] + addend, place)


def symbols(elf: ELFFile) -> Iterator[Symbol]:
    """The symbols of an object."""
    table = elf.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    return table.iter_symbols()


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
