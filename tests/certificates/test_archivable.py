"""PDF/A-3b, clause by clause of ISO 19005-3, for certificate and list; each clause can be broken."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from fontTools.ttLib import TTFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from tests.certificates.factories import LATER, a_certificate, a_list, file_of, worked_off
from tests.contracts.factories import an_office, registered

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PDF = "{http://ns.adobe.com/pdf/1.3/}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
FILTERS = {"/FlateDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode", "/DCTDecode"}
MULTIMEDIA = {"/3D", "/Sound", "/Screen", "/Movie", "/RichMedia"}
FORBIDDEN_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState",
    "/Rendition", "/Trans", "/GoTo3DView", "/JavaScript",
}  # fmt: skip


class File:
    """A file, and every dictionary in it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reader = PdfReader(BytesIO(content))
        self.root: Any = self.reader.trailer["/Root"]
        self.objects = [*self._walked(self.reader.trailer, set())]
        said = self.root.get("/Metadata")
        self.xmp = ET.fromstring(said.get_object().get_data()) if said else ET.Element("none")

    def _walked(self, value: Any, seen: set[tuple[int, int]]) -> Iterator[DictionaryObject]:
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) in seen:
                return
            seen.add((value.idnum, value.generation))
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            yield value
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(value, (dict, list)):
            for one in [*(inner if isinstance(value, list) else dict.values(value))]:
                yield from self._walked(one, seen)

    def kind(self, name: str) -> list[DictionaryObject]:
        """The dictionaries of a ``/Type``."""
        return [one for one in self.objects if one.get("/Type") == name]

    def holding(self, *names: str) -> list[DictionaryObject]:
        """The dictionaries that have one of these keys."""
        return [one for one in self.objects if any(name in one for name in names)]

    def said(self, tag: str) -> list[str]:
        """What the XMP says under a tag or an attribute of that name."""
        found = [text for one in self.xmp.iter(tag) for text in one.itertext() if text.strip()]
        return found + [one.attrib[tag] for one in self.xmp.iter() if tag in one.attrib]

    def operations(self) -> Iterator[tuple[list[Any], bytes]]:
        """Operands and operator of everything that is painted."""
        for page in self.reader.pages:
            yield from ContentStream(page["/Contents"].get_object(), self.reader).operations


def _fonts(file: File) -> list[tuple[Any, Any, Any]]:
    """Each composite font with its descendant and its embedded program."""
    found = []
    for font in file.kind("/Font"):
        if font["/Subtype"] == "/Type0":
            inner: Any = font["/DescendantFonts"][0].get_object()
            program = inner["/FontDescriptor"].get_object().get("/FontFile3")
            found.append((font, inner, program and program.get_object()))
    return found


def _fonts_are_embedded(file: File) -> bool:
    fonts = _fonts(file)
    simple = [f for f in file.kind("/Font") if f["/Subtype"] not in ("/Type0", "/CIDFontType0")]
    return bool(fonts) and not simple and all(program for _font, _inner, program in fonts)


def _ordering_agrees(file: File) -> bool:
    """6.2.11.3: registry and ordering of the dictionary are those of the program."""
    for font, inner, program in _fonts(file):
        top = TTFont(BytesIO(program.get_data()))["CFF "].cff.topDictIndex[0]
        info = inner["/CIDSystemInfo"]
        same = (info["/Registry"], info["/Ordering"]) == tuple(top.ROS[:2])
        if not same or font["/Encoding"] != "/Identity-H":
            return False
    return True


def _widths_agree(file: File) -> bool:
    """6.2.11.5: each width of the dictionary is that of the program, to a thousandth of an em."""
    for _font, inner, program in _fonts(file):
        table = TTFont(BytesIO(program.get_data()))
        names, em = table.getGlyphOrder(), table["head"].unitsPerEm
        for glyph, width in _widths_of(inner["/W"]):
            if abs(table["hmtx"][names[glyph]][0] * 1000 / em - width) > 1:
                return False
    return True


def _widths_of(rows: Any) -> Iterator[tuple[int, float]]:
    for first, widths in zip(rows[::2], rows[1::2], strict=True):
        yield from ((int(first) + number, float(width)) for number, width in enumerate(widths))


def _every_glyph_is_there(file: File) -> bool:
    """6.2.11.8: nothing shown is the glyph .notdef, which is code 0 of Identity-H."""
    shown = [
        part.original_bytes if hasattr(part, "original_bytes") else bytes(part)
        for operands, operator in file.operations()
        if operator in (b"Tj", b"TJ")
        for part in (operands[0] if operator == b"TJ" else operands)
        if isinstance(part, (bytes, str))
    ]
    codes = [one[i : i + 2] for one in shown for i in range(0, len(one), 2)]
    return bool(codes) and b"\0\0" not in codes


def _profile_is_rgb(file: File) -> bool:
    intents = file.root.get("/OutputIntents", [])
    if len(intents) != 1 or intents[0].get_object()["/S"] != "/GTS_PDFA1":
        return False
    profile = intents[0].get_object()["/DestOutputProfile"].get_object()
    head = profile.get_data()[:128]
    return (profile["/N"], head[12:20], head[36:40], head[8] < 5) == (3, b"mntrRGB ", b"acsp", True)


def _is_without_cmyk(file: File) -> bool:
    spaces = "DeviceCMYK" in str([one.get("/ColorSpace") for one in file.objects])
    return not spaces and not any(operator in (b"k", b"K") for _o, operator in file.operations())


def _nests_little(file: File) -> bool:
    depth = deepest = 0
    for _operands, operator in file.operations():
        depth += (operator == b"q") - (operator == b"Q")
        deepest = max(deepest, depth)
    return depth == 0 and deepest <= 28


def _is_opaque(file: File) -> bool:
    states = [one for one in file.holding("/ca", "/CA", "/BM", "/SMask") if "/Width" not in one]
    return all(
        one.get("/ca", 1) == one.get("/CA", 1) == 1
        and one.get("/BM", "/Normal") == "/Normal"
        and one.get("/SMask", "/None") == "/None"
        for one in states
    )


def _attachments_are_associated(file: File) -> bool:
    """6.8: each embedded file says its kind, its date and how it belongs to the document."""
    specs, associated = file.kind("/Filespec"), [one.get_object() for one in file.root["/AF"]]
    return bool(specs) and all(
        one in associated
        and one.get("/AFRelationship") in ("/Source", "/Data", "/Alternative", "/Supplement")
        and one["/F"] == one["/UF"]
        and one["/Desc"]
        and "/" in str(one["/EF"]["/F"].get_object().get("/Subtype", ""))[1:]
        and one["/EF"]["/F"].get_object()["/Params"]["/ModDate"].startswith("D:2")
        for one in specs
    )


def _names_are_sorted(file: File) -> bool:
    names = file.root["/Names"]["/EmbeddedFiles"].get_object()["/Names"][::2]
    return [*names] == sorted(names)


def _info_is_repeated(file: File) -> bool:
    """6.6.2.3: what the information dictionary says, the XMP says too."""
    info = file.reader.metadata
    return info is not None and (
        file.said(f"{DC}title") == [info.title]
        and file.said(f"{DC}creator") == [info.author]
        and file.said(f"{XMP}CreatorTool") == [info.creator]
        and file.said(f"{PDF}Producer") == [info.producer]
        and _digits(file.said(f"{XMP}CreateDate")) == _digits([info["/CreationDate"]])
        and _digits(file.said(f"{XMP}ModifyDate")) == _digits([info["/ModDate"]])
    )


def _digits(texts: list[str]) -> list[str]:
    return [re.sub(r"\D", "", text)[:14] for text in texts]


CLAUSES: dict[str, Callable[[File], Any]] = {
    "6.1.2 header": lambda f: re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", f.content),
    "6.1.3 identifier": lambda f: len(f.reader.trailer.get("/ID", ())) == 2,
    "6.1.3 not encrypted": lambda f: "/Encrypt" not in f.reader.trailer,
    "6.1.3 nothing after the end": lambda f: re.search(rb"%%EOF\r?\n?\Z", f.content),
    "6.1.6 nothing outside": lambda f: not f.holding("/FFilter", "/FDecodeParms"),
    "6.1.7 filters": lambda f: all(
        {filters} <= FILTERS if isinstance(filters, str) else {*filters} <= FILTERS
        for filters in (one.get("/Filter", []) for one in f.objects)
        if isinstance(filters, (str, list))
    ),
    "6.1.13 nesting": _nests_little,
    "6.2.3 output intent": _profile_is_rgb,
    "6.2.4 colours": _is_without_cmyk,
    "6.2.5 graphics state": lambda f: not f.holding("/TR", "/HTP") and _is_opaque(f),
    "6.2.8 images": lambda f: not any(
        one.get("/Interpolate") or "/Alternates" in one or "/OPI" in one for one in f.objects
    ),
    "6.2.9 external objects": lambda f: not f.holding("/PS", "/Ref", "/Subtype2"),
    "6.2.11.3 ordering": _ordering_agrees,
    "6.2.11.4 fonts embedded": _fonts_are_embedded,
    "6.2.11.5 widths": _widths_agree,
    "6.2.11.7 every text is Unicode": lambda f: all("/ToUnicode" in font for font, _i, _p in _fonts(f)),
    "6.2.11.8 no missing glyph": _every_glyph_is_there,
    "6.3 annotations": lambda f: not any(
        one.get("/Subtype") in MULTIMEDIA or one.get("/F", 4) != 4 for one in f.kind("/Annot")
    ),
    "6.4 forms": lambda f: "/AcroForm" not in f.root,
    "6.5 actions": lambda f: not f.holding("/AA", "/OpenAction", "/JS")
    and not any(one.get("/S") in FORBIDDEN_ACTIONS for one in f.objects),
    "6.6.2 packet": lambda f: not re.search(
        rb"<\?xpacket [^>]*(bytes|encoding)=", f.root["/Metadata"].get_object().get_data()
    ),
    "6.6.2.3 information repeated": _info_is_repeated,
    "6.6.4 identification": lambda f: (f.said(f"{PDFA}part"), f.said(f"{PDFA}conformance"))
    == (["3"], ["B"]),
    "6.8 attachments": _attachments_are_associated,
    "6.8 name tree": _names_are_sorted,
    "6.9 no optional content": lambda f: "/OCProperties" not in f.root,
    "6.10 no other presentation": lambda f: "/PresSteps" not in str(f.root)
    and "/AlternatePresentations" not in str(f.root.get("/Names")),
    "6.11 no requirements": lambda f: "/Requirements" not in f.root,
}  # fmt: skip


def broken_clauses(content: bytes) -> list[str]:
    """The clauses that a file does not keep."""
    file = File(content)
    return [name for name, holds in CLAUSES.items() if not holds(file)]


@pytest.fixture(scope="module")
def archived() -> dict[str, bytes]:
    """The files of this module, printed once."""
    return {}


@pytest.fixture
def certificate(app: Flask, archived: dict[str, bytes]) -> bytes:
    """A certificate as it was issued."""
    if "certificate" not in archived:
        archived["certificate"] = file_of(a_certificate(an_office()))
    return archived["certificate"]


def test_a_certificate_keeps_every_clause(certificate: bytes) -> None:
    assert broken_clauses(certificate) == []


def test_a_list_keeps_every_clause(app: Flask) -> None:
    office = an_office()
    asked = a_list(office, registered(office), registered(office), now=LATER)
    worked_off()
    assert broken_clauses(file_of(asked)) == []


def _script(writer: PdfWriter) -> None:
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    action = DictionaryObject({NameObject(name): value for name, value in script.items()})
    writer.root_object[NameObject("/OpenAction")] = action


def _see_through(writer: PdfWriter) -> None:
    state = DictionaryObject({NameObject("/ca"): FloatObject(0.5)})
    writer.root_object[NameObject("/PieceInfo")] = state


def _cmyk(writer: PdfWriter) -> None:
    page = writer.pages[0]
    stream = StreamObject()
    stream.set_data(b"0 0 0 1 k\n")
    page[NameObject("/Contents")] = writer._add_object(stream)


def _without_program(writer: PdfWriter) -> None:
    for one in writer._objects:
        if isinstance(one, DictionaryObject) and "/FontFile3" in one:
            del one["/FontFile3"]


def _other_widths(writer: PdfWriter) -> None:
    for one in writer._objects:
        if isinstance(one, DictionaryObject) and "/W" in one and "/CIDSystemInfo" in one:
            one["/W"][1][0] = NumberObject(77)


def _without_relationship(writer: PdfWriter) -> None:
    for one in writer._objects:
        if isinstance(one, DictionaryObject) and one.get("/Type") == "/Filespec":
            del one["/AFRelationship"]


def _without_key(name: str) -> Callable[[PdfWriter], None]:
    def take(writer: PdfWriter) -> None:
        del writer.root_object[name]

    return take


def _with_key(name: str, value: Any) -> Callable[[PdfWriter], None]:
    def put(writer: PdfWriter) -> None:
        writer.root_object[NameObject(name)] = value

    return put


def _other_title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "另一份证明"})


BREAKERS: dict[str, Callable[[PdfWriter], None]] = {
    "6.2.3 output intent": _without_key("/OutputIntents"),
    "6.2.4 colours": _cmyk,
    "6.2.5 graphics state": _see_through,
    "6.2.11.4 fonts embedded": _without_program,
    "6.2.11.5 widths": _other_widths,
    "6.4 forms": _with_key("/AcroForm", DictionaryObject()),
    "6.5 actions": _script,
    "6.6.2.3 information repeated": _other_title,
    "6.8 attachments": _without_relationship,
    "6.9 no optional content": _with_key("/OCProperties", DictionaryObject()),
    "6.11 no requirements": _with_key("/Requirements", ArrayObject()),
    "6.1.7 filters": _with_key(
        "/PieceInfo", DictionaryObject({NameObject("/Filter"): NameObject("/LZWDecode")})
    ),
    "6.1.6 nothing outside": _with_key(
        "/PieceInfo", DictionaryObject({NameObject("/FFilter"): TextStringObject("x")})
    ),
}  # fmt: skip


@pytest.mark.parametrize("clause", BREAKERS)
def test_a_file_that_breaks_a_clause_is_told_apart(certificate: bytes, clause: str) -> None:
    writer = PdfWriter(clone_from=BytesIO(certificate))
    BREAKERS[clause](writer)
    changed = BytesIO()
    writer.write(changed)
    file = File(changed.getvalue())
    assert not CLAUSES[clause](file)
