#[procedure("docs.render", blocking)]
fn render(id: u64) -> Result<String, DocsError> {
    std::fs::read_to_string(path(id)).map_err(DocsError::from)
}
