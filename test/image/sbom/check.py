"""Says what the tools of SPDX find wrong with each bill of materials that is named, as a JSON list of lists of sentences."""

import json
import logging
import sys

from ntia_conformance_checker import NTIAChecker
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def problems(path):
    try:
        document = parse_file(path)
    except Exception as error:  # What it cannot read it refuses in many ways.
        return [f"spdx-tools cannot read it: {error}"]
    found = [f"spdx-tools: {one.validation_message}" for one in validate_full_spdx_document(document)]
    return found + ntia(path) + [one for package in document.packages for one in of_purls(package)]


def ntia(path):
    """What NTIA's minimum elements miss, but for suppliers, which not all packages name."""
    checker = NTIAChecker(path, validate=False)
    wanted = {
        "names": not checker.components_without_names,
        "versions": not checker.components_without_versions,
        "identifiers": not checker.components_without_identifiers,
        "author": checker.doc_author,
        "timestamp": checker.doc_timestamp,
        "relationships": checker.dependency_relationships,
    }
    return [f"ntia: it lacks {name}" for name, is_there in wanted.items() if not is_there]


def of_purls(package):
    for reference in package.external_references:
        if reference.reference_type != "purl":
            continue
        try:
            purl = PackageURL.from_string(reference.locator)
        except ValueError as error:
            yield f"purl: {reference.locator}: {error}"
            continue
        version = None if purl.type == "oci" else package.version
        if version is not None and spaceless(purl.version or "") != spaceless(version):
            yield f"purl: {reference.locator} has not the version {version}"


def spaceless(text):
    """Readers of package URLs strip what stands around."""
    return "".join(one for one in text if one.isprintable() and not one.isspace())


logging.disable(logging.CRITICAL)
print(json.dumps([problems(path) for path in sys.argv[1:]]))
