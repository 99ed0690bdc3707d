//! The history of documents.

diesel::table! {
    document_numbers (number) {
        number -> Integer,
        document_id -> Text,
    }
}

diesel::table! {
    operations (document, revision) {
        document -> Integer,
        revision -> BigInt,
        client -> Binary,
        sequence -> BigInt,
        author_id -> Nullable<Text>,
        op -> Text,
        committed_at_ms -> BigInt,
    }
}

diesel::table! {
    snapshots (document, revision) {
        document -> Integer,
        revision -> BigInt,
        body -> Binary,
    }
}
