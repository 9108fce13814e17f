//! The OpenAPI document, and a page a person can read, without any script.

use super::openapi;
use axum::response::{Html, IntoResponse};
use http::header;
use serde_json::Value;
use std::fmt::Write;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    openapi()
        .to_pretty_json()
        .expect("the document is made of plain values")
});
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let document = serde_json::from_str(&DOCUMENT).expect("it was JSON a moment ago");
    render(&document)
});

/// The policy of the server's pages allows no style inside them, so it stands beside.
const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Roost API</title>\
<link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><main>";

/// `GET /api/openapi.json`
pub(super) async fn document() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        DOCUMENT.as_str(),
    )
}

/// `GET /api/docs`
pub(super) async fn page() -> Html<&'static str> {
    Html(PAGE.as_str())
}

/// `GET /api/docs.css`
pub(super) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("docs.css"),
    )
}

/// The document as a page: routes by their tag, then the schemas.
fn render(document: &Value) -> String {
    let mut page = String::from(HEAD);
    let _ = write!(
        page,
        "<h1>Roost API</h1><p>{}</p><p>For programs: <a href=\"/api/openapi.json\">openapi.json</a></p>",
        prose(&document["info"]["description"])
    );
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        let _ = write!(page, "<h2>{}</h2>", prose(&tag["description"]));
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if list(&operation["tags"]).iter().any(|tag| text(tag) == name) {
                    render_operation(&mut page, method, path, operation);
                }
            }
        }
    }
    page.push_str("<h2>Schemas</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let _ = write!(
            page,
            "<section id=\"{0}\"><h3>{0}</h3><p>{1}</p>",
            escape(name),
            prose(&schema["description"])
        );
        render_fields(&mut page, schema);
        page.push_str("</section>");
    }
    page.push_str("</main></body></html>");
    page
}

fn render_operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        page,
        "<section><h3><code>{} {}</code></h3><p>{}</p><p>{}</p><ul>",
        method.to_uppercase(),
        escape(path),
        prose(&operation["summary"]),
        prose(&operation["description"])
    );
    for parameter in list(&operation["parameters"]) {
        let required = if parameter["required"] == Value::Bool(true) {
            ""
        } else {
            ", optional"
        };
        let _ = write!(
            page,
            "<li><code>{}</code> ({}{}): {}. {}</li>",
            escape(text(&parameter["name"])),
            escape(text(&parameter["in"])),
            required,
            shape(&parameter["schema"]),
            prose(&parameter["description"])
        );
    }
    for (_, media) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(page, "<li>Body: {}</li>", shape(&media["schema"]));
    }
    for (status, response) in entries(&operation["responses"]) {
        let _ = write!(
            page,
            "<li><code>{}</code> {}",
            escape(status),
            prose(&response["description"])
        );
        for (_, media) in entries(&response["content"]) {
            let _ = write!(page, ": {}", shape(&media["schema"]));
        }
        page.push_str("</li>");
    }
    page.push_str("</ul></section>");
}

fn render_fields(page: &mut String, schema: &Value) {
    let required = list(&schema["required"]);
    page.push_str("<ul>");
    for part in list(&schema["allOf"]) {
        if part.get("$ref").is_some() {
            let _ = write!(page, "<li>all of {}</li>", shape(part));
        } else {
            render_fields(page, part);
        }
    }
    for part in list(&schema["oneOf"]) {
        let _ = write!(page, "<li>{}</li>", shape(part));
    }
    if !list(&schema["enum"]).is_empty() {
        let _ = write!(page, "<li>{}</li>", shape(schema));
    }
    for (name, field) in entries(&schema["properties"]) {
        let optional = if required.iter().any(|field| text(field) == name) {
            ""
        } else {
            ", optional"
        };
        let _ = write!(
            page,
            "<li><code>{}</code>: {}{}. {}</li>",
            escape(name),
            shape(field),
            optional,
            prose(&field["description"])
        );
    }
    page.push_str("</ul>");
}

/// A schema in a few words, with links to those that have a name.
fn shape(schema: &Value) -> String {
    if let Some(name) = text(&schema["$ref"])
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
    {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[key].as_array() {
            return parts
                .iter()
                .map(shape)
                .collect::<Vec<_>>()
                .join(if key == "allOf" { " with " } else { " or " });
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .map(|word| format!("<code>{}</code>", escape(text(word))))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    if schema.get("items").is_some() {
        let items = format!("list of {}", shape(&schema["items"]));
        return if schema["type"] == "array" {
            items
        } else {
            format!("{items} or null")
        };
    }
    if let Some(fields) = schema["properties"].as_object() {
        let fields = fields
            .iter()
            .map(|(name, field)| format!("{}: {}", escape(name), shape(field)));
        return format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "));
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        kind => text(kind).to_owned(),
    };
    match text(&schema["format"]) {
        "" => escape(&kinds),
        format => escape(&format!("{kinds} ({format})")),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// Words for people, in which backticks mark what is code.
fn prose(value: &Value) -> String {
    let mut marked = String::new();
    for (index, part) in text(value).split('`').enumerate() {
        let part = escape(part);
        let _ = if index % 2 == 1 {
            write!(marked, "<code>{part}</code>")
        } else {
            write!(marked, "{part}")
        };
    }
    marked
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_route_and_every_schema() {
        let document: Value = serde_json::from_str(&DOCUMENT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for (path, item) in entries(&document["paths"]) {
            for (method, _) in entries(item) {
                let line = format!("<code>{} {path}</code>", method.to_uppercase());
                assert!(PAGE.contains(&line), "{line}");
            }
        }
        for (name, _) in entries(&document["components"]["schemas"]) {
            assert!(PAGE.contains(&format!("id=\"{name}\"")), "{name}");
        }
        assert!(!PAGE.contains("<script"));
        assert!(!PAGE.contains('`'), "what is code is set as code");
    }

    #[test]
    fn a_list_that_may_be_absent_says_of_what_it_is() {
        let listed = serde_json::json!({
            "type": ["array", "null"], "items": { "$ref": "#/components/schemas/Message" },
        });
        assert_eq!(
            shape(&listed),
            "list of <a href=\"#Message\">Message</a> or null"
        );
    }

    #[test]
    fn every_answer_is_described_as_the_standard_asks() {
        let document: Value = serde_json::from_str(&DOCUMENT).unwrap();
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                for (status, answer) in entries(&operation["responses"]) {
                    let described = !text(&answer["description"]).is_empty();
                    assert!(described, "{method} {path} {status}");
                }
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document: Value = serde_json::from_str(&DOCUMENT).unwrap();
        let mut names = std::collections::HashSet::new();
        for (_, item) in entries(&document["paths"]) {
            for (_, operation) in entries(item) {
                assert!(names.insert(text(&operation["operationId"])), "{operation}");
            }
        }
    }
}
