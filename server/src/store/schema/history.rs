//! Named revisions, and where branches met their parents.

diesel::table! {
    versions (document_id, revision) {
        document_id -> Text,
        revision -> BigInt,
        name -> Text,
        author_id -> Nullable<Text>,
        created_at_ms -> BigInt,
    }
}

diesel::table! {
    merges (branch_id, number) {
        branch_id -> Text,
        number -> BigInt,
        direction -> Text,
        author_id -> Text,
        created_at_ms -> BigInt,
        parent_revision -> BigInt,
        branch_revision -> BigInt,
        client_id -> Text,
        op -> Text,
        ahead -> Text,
        revision -> Nullable<BigInt>,
    }
}
