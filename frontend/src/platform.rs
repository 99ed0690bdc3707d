//! The browser, as far as the rest of the app needs it.

pub mod clock;
pub mod crash;
<<<<<<< HEAD
pub mod highlight;
=======
pub mod files;
pub mod focus;
>>>>>>> 4ac6979 (Let people search, sort, file and make documents, and choose look and language)
pub mod page;
pub mod storage;
