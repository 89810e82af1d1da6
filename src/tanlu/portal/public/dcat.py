"""The catalogue of open data as DCAT 3 in JSON-LD (W3C Recommendation of 22 August 2024), so that data portals can harvest it."""

from __future__ import annotations

from typing import Any, Final

from tanlu.charts.results import Results
from tanlu.core.messages import LANGUAGES, translate
from tanlu.portal.public.datasets import DataSet, available
from tanlu.portal.public.files import FORMS, MEDIA, DataFiles, Form
from tanlu.portal.public.settings import PublicSettings

CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_IANA: Final = "https://www.iana.org/assignments/media-types/"


def catalogue_document(results: Results, files: DataFiles, settings: PublicSettings, root: str) -> dict[str, Any]:
    """Return the catalogue of a run.

    Parameters
    ----------
    results : Results
    files : DataFiles
    settings : PublicSettings
    root : str
        Address of the server, without a slash at its end.
    """
    address = f"{root}/api/v1/data/catalogue.jsonld"
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dcat:Catalog",
        "dct:title": _both("portal.public_data.title"),
        "dct:description": _both("portal.public/data.lead"),
        "dct:issued": _moment(results.manifest.created),
        **_office(settings),
        "dcat:dataset": [_dataset(d, results, files, settings, root) for d in available(results)],
    }


def _both(key: str) -> list[dict[str, str]]:
    return [{"@language": language, "@value": translate(key, language)} for language in LANGUAGES]


def _moment(text: str) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": text}


def _office(settings: PublicSettings) -> dict[str, Any]:
    """Return publisher and contact, where the office has named them."""
    said: dict[str, Any] = {}
    if settings.publisher("zh"):
        names = [{"@language": x, "@value": settings.publisher(x)} for x in LANGUAGES]
        said["dct:publisher"] = {"@type": "foaf:Agent", "foaf:name": names}
    if settings.feedback:
        key = "vcard:hasEmail" if settings.feedback_address.startswith("mailto:") else "vcard:hasURL"
        said["dcat:contactPoint"] = {"@type": "vcard:Kind", key: {"@id": settings.feedback_address}}
    return said


def _terms(settings: PublicSettings) -> dict[str, Any]:
    """Return the licence, or a statement of rights where the office has chosen none."""
    if settings.licence_url:
        return {"dct:license": {"@id": settings.licence_url}}
    if settings.licence:
        return {"dct:license": settings.licence}
    return {"dct:rights": _both("portal.public_data.no_licence")}


def _dataset(found: DataSet, results: Results, files: DataFiles, settings: PublicSettings, root: str) -> dict[str, Any]:
    return {
        "@id": f"{root}/public/data?id={found.id}",
        "@type": "dcat:Dataset",
        "dct:identifier": found.id,
        "dct:title": _both(f"dataset.{found.id}.title"),
        "dct:description": _both(f"dataset.{found.id}.text"),
        "dct:modified": _moment(results.manifest.created),
        "dcat:theme": translate(f"portal.public_data.theme.{found.theme}", "en"),
        "dcat:landingPage": {"@id": f"{root}/public/data?id={found.id}"},
        "dct:conformsTo": {"@id": f"{root}/api/v1/data/{found.id}/schema.json"},
        **_office(settings),
        "dcat:distribution": [_distribution(found, form, results, files, settings, root) for form in FORMS],
    }


def _distribution(
    found: DataSet, form: Form, results: Results, files: DataFiles, settings: PublicSettings, root: str
) -> dict[str, Any]:
    address = {"@id": f"{root}/api/v1/data/{found.id}.{form}"}
    said: dict[str, Any] = {
        "@type": "dcat:Distribution",
        "dcat:downloadURL": address,
        "dcat:accessURL": address,
        "dcat:mediaType": {"@id": _IANA + MEDIA[form].partition(";")[0]},
        **_terms(settings),
    }
    if form == "csv":
        # the others are made when they are first asked for
        size = files.size(found, form, results)
        said["dcat:byteSize"] = {"@type": "xsd:nonNegativeInteger", "@value": str(size)}
    return said
