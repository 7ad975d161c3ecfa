#[procedure("debug.dump")]
#[cfg(feature = "debug")]
#[cfg_attr(unix, cfg(target_pointer_width = "64"), must_use)]
#[deprecated]
pub(crate) fn dump() {}
