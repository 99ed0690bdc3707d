DROP TABLE event_heads;
DROP TABLE events;
