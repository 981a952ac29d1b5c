"""What is asked of the store. A fact is (position, stream, version, type, header, sealed part).

`ledger.store.reads` runs them.
"""

from typing import LiteralString

# Whether the header of the event `e` names the key of the part `s`. A header is canonical JSON, in
# which these bytes stand nowhere else: what is typed has its quotes escaped. Whoever holds the
# writer's login adds parts under any key and at any position, and no header that names them.
NAMES_KEY: LiteralString = """
    position(('"sealed":{"key":"' || encode(s.key_id, 'hex') || '"')::bytea IN e.state) > 0
"""
# A fact's sealed part is fetched row by row through the parts' primary key: the partition is then
# chosen by the fact's own column, and however many quarters live, one of them is descended.
# OFFSET 0 keeps the planner from walking the whole log in position order to spare itself a sort.
OF_STREAMS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%b) OFFSET 0) AS e
     WHERE e.notification_id <= %b OR e.topic = 'record-carried-forward'
     ORDER BY e.notification_id
"""
# As OF_STREAMS, the first event of each alone.
FIRST_OF_STREAMS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM (SELECT * FROM ledger.events
             WHERE originator_id = ANY(%b) AND originator_version = 1 OFFSET 0) AS e
     ORDER BY e.notification_id
"""
# As OF_STREAMS, without the chunks of bulk transfers but those named. A copy stands for its
# original whatever it is of, so of a stream that has copies everything is read.
OF_STREAMS_BUT_CHUNKS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%(streams)s) OFFSET 0) AS e
     WHERE (e.notification_id <= %(upto)s OR e.topic = 'record-carried-forward')
       AND (e.topic <> 'principals-appended' OR e.notification_id = ANY(%(chunks)s)
            OR e.originator_id = ANY(ARRAY(
               SELECT c.originator_id FROM ledger.events AS c
                WHERE c.originator_id = ANY(%(streams)s) AND c.topic = 'record-carried-forward')))
     ORDER BY e.notification_id
"""
# The bytes that OF_STREAMS_BUT_CHUNKS would read of each stream, added up without reading them (see
# PARTS_BETWEEN). Chunks of streams with copies are not counted: a copy counts instead.
SIZES_OF_STREAMS: LiteralString = """
    SELECT e.originator_id, coalesce(sum(
           (SELECT octet_length(s.part) FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)), 0)
           ::bigint
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%(streams)s) OFFSET 0) AS e
     WHERE (e.notification_id <= %(upto)s OR e.topic = 'record-carried-forward')
       AND (e.topic <> 'principals-appended' OR e.notification_id = ANY(%(chunks)s))
     GROUP BY e.originator_id
"""
# The chunks that OF_STREAMS_BUT_CHUNKS leaves out when none is named.
CHUNKS_OF_STREAMS: LiteralString = """
    SELECT e.notification_id
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%(streams)s) OFFSET 0) AS e
     WHERE e.topic = 'principals-appended' AND e.notification_id <= %(upto)s
       AND e.originator_id <> ALL(ARRAY(
           SELECT c.originator_id FROM ledger.events AS c
            WHERE c.originator_id = ANY(%(streams)s) AND c.topic = 'record-carried-forward'))
     ORDER BY e.notification_id
"""
AT: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM ledger.events AS e
     WHERE e.notification_id = ANY(%b)
     ORDER BY e.notification_id
"""
# The sizes are added up without reading what they are of: a part is stored uncompressed (EXTERNAL),
# so its length stands in its row. The part with which the bound is reached is the last one.
PARTS_BETWEEN: LiteralString = """
    SELECT p.position, p.part
      FROM (SELECT s.position, s.part, sum(octet_length(s.part))
                   OVER (ORDER BY s.position ROWS UNBOUNDED PRECEDING) AS upto
              FROM ledger.events AS e
              JOIN ledger.sealed_parts AS s
                ON s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
             WHERE e.notification_id BETWEEN %b AND %b) AS p
     WHERE p.upto - octet_length(p.part) < %b
     ORDER BY p.position
"""
# Never a generic plan: only with the topics known can the planner see that an index on some topics
# covers them.
OF_TOPICS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM ledger.events AS e
     WHERE e.topic = ANY(%b) AND e.notification_id > %b
     ORDER BY e.notification_id
     LIMIT %b
"""
# As OF_TOPICS, up to a position, from one instant to before another, and by one actor or (NULL) by
# anybody. The header is the only place where both stand; of few topics few headers are read.
OF_TOPICS_BY: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0),
           e.mac
      FROM ledger.events AS e
     CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS header OFFSET 0) AS h
     WHERE e.topic = ANY(%b) AND e.notification_id > %b AND e.notification_id <= %b
       AND h.header ->> 'at' >= %b::text COLLATE "C" AND h.header ->> 'at' < %b::text COLLATE "C"
       AND (%b::text IS NULL OR h.header ->> 'actor' = %b::text)
     ORDER BY e.notification_id
     LIMIT %b
"""
HEADERS_AT: LiteralString = """
    SELECT notification_id, originator_id, originator_version, topic, state, mac
      FROM ledger.events WHERE notification_id = ANY(%b)
"""
HEAD: LiteralString = "SELECT position FROM ledger.head"
# One statement: the notice is not beyond the head, and no notice up to the head is missed.
JUDGING: LiteralString = """
    SELECT position, coalesce((SELECT max(notification_id) FROM ledger.events
                                WHERE topic IN ('notice-published', 'notice-withdrawn')), 0)
      FROM ledger.head
"""
# The same and whose keys have rows, in one round trip and as of one moment; one row at least.
JUDGING_OF: LiteralString = """
    SELECT h.position, coalesce((SELECT max(notification_id) FROM ledger.events
                                  WHERE topic IN ('notice-published', 'notice-withdrawn')), 0),
           l.key
      FROM ledger.head AS h
      LEFT JOIN ledger.lookups AS l ON l.kind = ANY(%b) AND l.key = ANY(%b)
"""
LOOKUPS: LiteralString = """
    SELECT kind, key, stream, key_id
      FROM ledger.lookups
     WHERE kind = ANY(%b) AND key = ANY(%b)
     ORDER BY kind, key, stream
"""
# In the order of the primary key, from behind one row on.
LOOKUPS_AFTER: LiteralString = """
    SELECT kind, key, stream, key_id
      FROM ledger.lookups
     WHERE kind = ANY(%b) AND (kind, key, stream, key_id) > (%b::text, %b, %b, %b)
     ORDER BY kind, key, stream, key_id
     LIMIT %b
"""
HAS_LOOKUP: LiteralString = """
    SELECT EXISTS (SELECT FROM ledger.lookups
                    WHERE kind = %b AND key = %b AND stream = %b AND key_id = %b)
"""
VERSIONS: LiteralString = """
    SELECT asked.stream, last.originator_version
      FROM unnest(%b::uuid[]) AS asked (stream)
     CROSS JOIN LATERAL (
           SELECT e.originator_version
             FROM ledger.events AS e
            WHERE e.originator_id = asked.stream
            ORDER BY e.originator_version DESC
            LIMIT 1) AS last
"""
# As many as the header names: what somebody adds beyond them is none of its documents.
ATTACHED: LiteralString = (
    """
    SELECT s.part
      FROM ledger.events AS e
      JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.notification_id
       AND s.n BETWEEN 1 AND
           jsonb_array_length(convert_from(e.state, 'UTF8')::jsonb -> 'attached')
       AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
     WHERE e.notification_id = %b
     ORDER BY s.n
"""
)
OF_COMMAND: LiteralString = """
    SELECT originator_id, notification_id FROM ledger.events WHERE command = %b
"""
SNAPSHOT: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
