//! What Prometheus would see: a strict reader of its text format, version 0.0.4.

use super::server::Server;
use loadtest::client::Rest;
use std::collections::BTreeMap;

/// One look at a server's numbers.
#[derive(Debug)]
pub(crate) struct Scrape {
    /// The kind of each family, by its name.
    pub(crate) families: BTreeMap<String, String>,
    /// Values by name and labels, as they are written.
    samples: BTreeMap<String, String>,
}

impl Server {
    /// A client of the listener that answers Prometheus.
    pub(crate) fn metrics_listener(&self) -> Rest {
        let log = self.log();
        let line = log
            .lines()
            .rfind(|line| line.contains("metrics can be read"));
        let line = line.expect("the log says where metrics can be read");
        let (_, address) = line.rsplit_once("address=").expect("an address follows");
        Rest::new(&format!("http://{address}")).expect("it is an address")
    }

    pub(crate) async fn scrape(&self) -> Scrape {
        let answer = self.metrics_listener().get("/metrics").await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        Scrape::read(std::str::from_utf8(&answer.body).expect("it is UTF-8"))
    }
}

impl Scrape {
    /// The value of a sample that is a whole number; it is named as it is written.
    #[track_caller]
    pub(crate) fn count(&self, sample: &str) -> u64 {
        let value = self.samples.get(sample);
        let value = value.unwrap_or_else(|| panic!("there is no {sample} in {self:#?}"));
        value.parse().expect("it counts something")
    }

    /// Whether there is a sample of this name.
    pub(crate) fn has(&self, sample: &str) -> bool {
        self.samples.contains_key(sample)
    }

    /// Reads what was answered.
    ///
    /// # Panics
    /// With the line that a parser of Prometheus could stumble over.
    fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line is not ended");
        let mut scrape = Self {
            families: BTreeMap::new(),
            samples: BTreeMap::new(),
        };
        let mut described = "";
        let mut family = "";
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, sentence) = help.split_once(' ').expect(line);
                assert!(is_name(name), "{line}");
                assert!(sentence.ends_with('.'), "no sentence: {line}");
                described = name;
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect(line);
                assert_eq!(name, described, "{line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                let twice = scrape.families.insert(name.to_owned(), kind.to_owned());
                assert_eq!(twice, None, "{line}");
                family = name;
            } else {
                let (sample, value) = line.rsplit_once(' ').expect(line);
                let name = sample.split('{').next().unwrap_or_default();
                assert!(is_name(name), "{line}");
                assert_eq!(scrape.family_of(name), family, "{line}");
                let _: f64 = value.parse().expect(line);
                let twice = scrape.samples.insert(sample.to_owned(), value.to_owned());
                assert_eq!(twice, None, "{line}");
            }
        }
        scrape.examine_histograms();
        scrape
    }

    /// The family a sample of this name is of.
    pub(crate) fn family_of<'a>(&self, name: &'a str) -> &'a str {
        ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|ending| name.strip_suffix(ending))
            .find(|family| self.families.get(*family).is_some_and(|k| k == "histogram"))
            .unwrap_or(name)
    }

    fn examine_histograms(&self) {
        for (name, _) in self.families.iter().filter(|(_, k)| *k == "histogram") {
            let beginning = format!("{name}_bucket{{le=\"");
            let mut buckets: Vec<(f64, u64)> = self
                .samples
                .keys()
                .filter_map(|sample| {
                    let most = sample.strip_prefix(&beginning)?.strip_suffix("\"}")?;
                    Some((
                        most.parse().expect("a bound is a number"),
                        self.count(sample),
                    ))
                })
                .collect();
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(
                buckets.is_sorted_by(|one, other| one.1 <= other.1),
                "{name} sinks: {buckets:?}"
            );
            let (most, all) = buckets.last().expect("a histogram has buckets");
            assert!(most.is_infinite(), "{name} ends at {most}");
            assert_eq!(self.count(&format!("{name}_count")), *all, "{name}");
            assert!(self.has(&format!("{name}_sum")), "{name}");
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with("roost_")
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
