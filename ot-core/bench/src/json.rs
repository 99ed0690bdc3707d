use std::error::Error;
use std::path::Path;

pub(crate) fn run(_vectors: &Path) -> Result<(), Box<dyn Error>> {
    Ok(())
}
