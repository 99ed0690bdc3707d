//! Limits that both sides keep. Everything a stranger can send is bounded by one of them.

/// The largest message that the server takes from a client, in bytes. What was done without a network for long goes out
/// as one edit, and so does what is pasted: either may bring as much as a whole document, with what JSON puts around it.
pub const CLIENT_FRAME_BYTES: usize = 2 * DOCUMENT_BYTES;

/// The largest frame that is read before somebody is signed in, in bytes.
pub const FRAME_BYTES_BEFORE_HELLO: usize = 64 * 1024;

/// The most messages that a connection takes before somebody is signed in.
pub const MESSAGES_BEFORE_HELLO: usize = 8;

/// The largest of them, in bytes.
pub const BYTES_BEFORE_HELLO: usize = 4 * 1024;

/// The most documents that one connection may hold open.
pub const OPEN_DOCUMENTS: usize = 16;

/// The most revisions that a client may be behind and still resume; further behind, it gets a snapshot.
pub const RESUME_REVISIONS: u64 = 10_000;

/// The longest name of a person, in code points.
pub const PERSON_NAME_CHARS: usize = 40;

/// The most people of a document who are shown to the others; of more, those who did something last.
pub const PRESENCE_PEOPLE: usize = 100;

/// The most writers of a document who have numbers in brief messages; a new one gets the number that was given longest
/// ago.
pub const NUMBERED_WRITERS: usize = 128;

/// The most presence messages that a document sends to each of its people in a second.
pub const PRESENCE_PER_SECOND: u32 = 20;

/// The largest document, as JSON text in bytes.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// The largest memo, as UTF-8 in bytes.
pub const MEMO_BYTES: usize = 1024 * 1024;

/// The largest body of a request over HTTP, in bytes, where nothing else is said: a document fits with what is around
/// it.
pub const BODY_BYTES: usize = DOCUMENT_BYTES + 64 * 1024;

/// The longest e-mail, in bytes.
pub const EMAIL_BYTES: usize = 254;

/// The shortest new password, in code points.
pub const PASSWORD_CHARS: usize = 12;

/// The longest password, in bytes.
pub const PASSWORD_MAX_BYTES: usize = 256;

/// The most rows and periods that the anchor of a comment may name.
pub const ANCHOR_CELLS: usize = 500;

/// How much is kept of what a comment hangs on, in code points.
pub const QUOTE_CHARS: usize = 500;

/// The longest comment or annotation, in code points.
pub const COMMENT_CHARS: usize = 10_000;

/// The most people whom a comment may name and who are told so.
pub const MENTIONS: usize = 50;

/// The most comments in a thread, deleted ones among them.
pub const COMMENTS_PER_THREAD: u64 = 500;

/// The most comments on a document, deleted ones among them.
pub const COMMENTS_PER_DOCUMENT: u64 = 10_000;

/// The most annotations in a document.
pub const ANNOTATIONS_PER_DOCUMENT: u64 = 2_000;

/// How many notifications are kept for a person.
pub const NOTIFICATIONS: usize = 1_000;

/// The most open invitations to a workspace.
pub const OPEN_INVITATIONS: i64 = 200;

/// The longest that an invitation is open, in days.
pub const INVITATION_DAYS: i64 = 30;

/// The most people with rights on one document beside those of its workspace.
pub const DOCUMENT_MEMBERS: i64 = 1_000;

/// The most share links into one document that work.
pub const SHARE_LINKS: i64 = 100;

/// The longest that a share link works, in days.
pub const SHARE_LINK_DAYS: i64 = 366;

/// The most people who come by one share link.
pub const SHARE_LINK_PEOPLE: i64 = 1_000;

/// The most changes that a comparison of two revisions tells.
pub const DIFF_CHANGES: usize = 1_000;

/// The most code points of changed text that a comparison tells.
pub const DIFF_TEXT_CHARS: usize = 65_536;

/// The longest value that a change is told with, in code points; the rest is `…`.
pub const CHANGE_TEXT_CHARS: usize = 500;

/// The most conflicts of a merge that are told. With more, the merge takes the side of the branch everywhere else.
pub const MERGE_CONFLICTS: usize = 1_000;

/// The most trials of a simulation on the server, for all its outputs together.
pub const CALCULATION_TRIALS: u64 = 2_000_000;

/// The most calculations of one person that wait or run.
pub const CALCULATIONS_PER_PERSON: u64 = 4;

/// The largest result of a calculation that is kept, in bytes of JSON or of a file.
pub const CALCULATION_RESULT_BYTES: usize = 16 * 1024 * 1024;

/// The longest name of a version or a branch, in code points.
pub const VERSION_NAME_CHARS: usize = 100;

/// The most branches of a document.
pub const BRANCHES: usize = 100;

/// The longest title of a document or name of a workspace, in code points.
pub const TITLE_CHARS: usize = 200;

/// The most workspaces that a person may be a member of and make another one.
pub const WORKSPACES: usize = 100;
