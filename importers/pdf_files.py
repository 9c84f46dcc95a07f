"""The one module that touches pypdf: the XML files attached to a PDF. What is in them is read elsewhere."""

import logging
from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from importers.xml_nodes import printable
from validators.errors import WrongUse

_MOST_ATTACHED = 20
_LARGEST = 16 << 20
# What pypdf raises on damaged files, beside its own errors.
_DAMAGED = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)

# Its remarks on how a PDF might be built better are of no use to the person who imports.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def attached_xml(name: str, content: bytes) -> Iterator[bytes]:
    """The XML files attached to the PDF, one at a time; `name` is what messages call it.

    Raises:
        WrongUse: the PDF is encrypted, damaged, or swells beyond bounds.
    """
    try:
        with apply_configuration(
            zlib_maximum_output_length=_LARGEST,
            lzw_maximum_output_length=_LARGEST,
            run_length_maximum_output_length=_LARGEST,
            stream_decoding_work_maximum_length=2 * _LARGEST,
        ):
            reader = PdfReader(BytesIO(content), xref_stream_maximum_entries=200_000)
            for file in islice(reader.attachment_list, _MOST_ATTACHED):
                if file.name.lower().endswith(".xml"):
                    yield file.content
    except (DependencyError, FileNotDecryptedError) as error:
        raise WrongUse(f"{name} is an encrypted PDF.", "Save it without a password.") from error
    except _DAMAGED as error:
        said = printable(str(error), 100)
        raise WrongUse(f"{name} is a damaged PDF: {said}.", "Fetch it again from whoever sent it.") from error
