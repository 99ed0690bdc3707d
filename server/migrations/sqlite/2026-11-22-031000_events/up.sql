-- What was done in a workspace, oldest first. Each row's hash covers the row and the hash before it, so that a row that
-- was changed, moved or taken away shows. Nothing refers to other tables: what happened stays, whatever goes.
CREATE TABLE events (
    workspace_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    document_id TEXT,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (workspace_id, number)
);

CREATE INDEX events_by_document ON events (document_id, number);

-- How long the chain of each workspace is and how it ends, so that cut-off rows are missed. The row is also the lock
-- under which the chain grows.
CREATE TABLE event_heads (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    hash TEXT NOT NULL
);
