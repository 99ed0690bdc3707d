DROP TABLE notifications;
DROP TABLE annotations;
DROP TABLE mentions;
DROP TABLE comments;
