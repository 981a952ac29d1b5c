"""Statements that give facts: (position, stream, version, type, header, sealed part).

`ledger.store.reads` runs them.
"""

from typing import LiteralString

# A fact's sealed part is fetched row by row through the parts' primary key: the partition is then
# chosen by the fact's own column, and however many quarters live, one of them is descended.
# OFFSET 0 keeps the planner from walking the whole log in position order to spare itself a sort.
OF_STREAMS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%b) OFFSET 0) AS e
     WHERE e.notification_id <= %b OR e.topic = 'record-carried-forward'
     ORDER BY e.notification_id
"""
AT: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM ledger.events AS e
     WHERE e.notification_id = ANY(%b)
     ORDER BY e.notification_id
"""
# The sizes are added up without reading what they are of: a part is stored uncompressed (EXTERNAL),
# so its length stands in its row. The event with which the bound is reached is the last one.
AFTER: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.part
      FROM (SELECT f.*, sum(octet_length(f.part))
                        OVER (ORDER BY f.notification_id ROWS UNBOUNDED PRECEDING) AS upto
              FROM (SELECT e.notification_id, e.originator_id, e.originator_version, e.topic,
                           e.state,
                           (SELECT s.part FROM ledger.sealed_parts AS s
                             WHERE s.partition = e.partition AND s.position = e.notification_id
                               AND s.n = 0) AS part
                      FROM ledger.events AS e
                     WHERE e.notification_id > %b
                     ORDER BY e.notification_id
                     LIMIT %b) AS f) AS e
     WHERE coalesce(e.upto, 0) - coalesce(octet_length(e.part), 0) < %b
     ORDER BY e.notification_id
"""
# Never a generic plan: only with the topics known can the planner see that an index on some topics
# covers them.
OF_TOPICS: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
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
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM ledger.events AS e
     CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS header OFFSET 0) AS h
     WHERE e.topic = ANY(%b) AND e.notification_id > %b AND e.notification_id <= %b
       AND h.header ->> 'at' >= %b::text COLLATE "C" AND h.header ->> 'at' < %b::text COLLATE "C"
       AND (%b::text IS NULL OR h.header ->> 'actor' = %b::text)
     ORDER BY e.notification_id
     LIMIT %b
"""
HEADERS_AT: LiteralString = """
    SELECT notification_id, state FROM ledger.events WHERE notification_id = ANY(%b)
"""
