"""Scrapers: sites in, notices out. A library of its own; it knows no database and no market.

    from scrapers.cache import FolderCache
    from scrapers.fetch import Client
    from scrapers.run import run
    from scrapers.sources import registered

    with Client(contact="webmaster@example.org", cache=FolderCache(folder)) as client:
        source = registered()["nmg_kjt_needs"]()
        for outcome in source.notices(client, since=day, known=keys.__contains__):
            ...                                   # a Notice, or a Fault in place of one
        done = run(source, client, profile=Profile.loads(kept), known=keys.__contains__)

``registered()`` has every source by name. ``source.notices`` reads a listing page by page and yields a
:class:`~scrapers.notice.Notice` for each entry that is new, or a :class:`~scrapers.errors.Fault` that
says what could not be had; it never raises for what a site does. ``run`` does the same and answers with
a :class:`~scrapers.run.Run`: notices, faults, counts, the profile to keep, and, when the site looks
different from before, a :class:`~scrapers.layout.LayoutChanged` *instead* of the notices.

A notice holds the original text, with the contacts in it: ``notice.personal`` says where, and only
``notice.redacted()`` may be shown or indexed. A source whose ``confirmed_on`` is None was never compared
with its live site: nobody should schedule it before a person has done so and entered the day.
"""
