"""Write the texts of the evaluation set: the judged needs, and all results, as they are indexed.

    python benchmarks/judged_texts.py matching/judged

The grades beside them, ``qrels.jsonl``, are judged by readers and never written by a program.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from config import Settings
from marketplace import create_app
from marketplace.database import utcnow
from marketplace.demonstration.operations import rows_of
from marketplace.listings.columns import COLUMNS, checked
from marketplace.listings.models import KINDS, Listing
from marketplace.listings.operations import new_listing
from marketplace.matchmaking.indexing import document_of


def texts(kind: str) -> list[dict[str, Any]]:
    """``{"id", "title", "text", "facets"}`` of every listing of the demonstration, by its number."""
    lines = []
    for row in rows_of(f"{kind}s"):
        facts, _errors = checked(kind, {column.name: "" for column in COLUMNS[kind]} | row)
        listing: Listing = new_listing(KINDS[kind], facts, now=utcnow())
        document = document_of(listing)
        line = {"id": row["source_key"], "title": document.title, "text": document.text}
        facets = {facet: values for facet, values in document.facets.items() if facet != "open"}
        lines.append(line | {"facets": facets})
    return lines


def main(folder: Path) -> None:
    """Write queries.jsonl (the needs that have grades) and documents.jsonl (all results)."""
    with (folder / "qrels.jsonl").open(encoding="utf-8") as grades:
        judged = {json.loads(line)["query_id"] for line in grades}
    home = Path(tempfile.mkdtemp())
    settings = Settings(home=home, database_url="sqlite://", secret_key="none", encoder="ngrams")
    with create_app(settings).test_request_context():
        for name, kind in (("queries", "need"), ("documents", "result")):
            lines = [one for one in texts(kind) if kind == "result" or one["id"] in judged]
            with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
