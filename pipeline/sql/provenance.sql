-- name: changes
-- Every row of a file that made or changed the persona, in the order in which imports ended.
SELECT o.import_id, o.line, o.outcome, o.changes, coalesce(i.finished_at, now()) AS at
FROM outcomes o JOIN imports i ON i.id = o.import_id
WHERE o.persona_id = :persona_id AND o.outcome IN ('created', 'updated')
ORDER BY 5, o.import_id, o.line;

-- name: edits
SELECT fields, made_by, at FROM staff_edits WHERE persona_id = :persona_id ORDER BY at;

-- name: merges
SELECT other_id, given, attributes, made_by, at FROM merges WHERE survivor_id = :persona_id ORDER BY at;

-- name: events
-- Of several in one import, which are all of one moment, the last line counts.
SELECT DISTINCT ON (channel) channel, actor, actor_name, import_id, line, at FROM consent_events
WHERE persona_id = :persona_id ORDER BY channel, at DESC, line DESC NULLS LAST;
