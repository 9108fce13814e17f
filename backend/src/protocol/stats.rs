//! How the nodes do, and what browsers tell of themselves.

use super::whole::{InQuery, Whole};
use crate::models::{NodeFact, Sample, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `GET /api/admin/stats`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadStats {
    /// From when on: the beginning of what is kept if absent.
    #[param(value_type = Option<Timestamp>)]
    pub from: Option<String>,
    /// Until when: now if absent.
    #[param(value_type = Option<Timestamp>)]
    pub to: Option<String>,
    /// The seconds of each sample: 1 (kept for 15 minutes), 10 (for a day) or 300 (for 30 days). 1 if
    /// absent.
    #[param(value_type = Option<i64>)]
    pub step: Option<InQuery>,
}

/// What the nodes did. Samples of a time nobody saw are missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stats {
    pub step: u64,
    pub nodes: Vec<NodeStats>,
}

/// What one node did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeStats {
    #[serde(flatten)]
    pub node: NodeFact,
    /// When it was last heard of.
    pub seen_at: Timestamp,
    /// Ascending.
    pub samples: Vec<Sample>,
}

/// `admin:stats`: what the nodes did since the last of these, mostly a second. A node that was not
/// heard of is missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatsTold {
    pub nodes: Vec<NodeTold>,
}

/// What one node did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeTold {
    #[serde(flatten)]
    pub node: NodeFact,
    pub sample: Sample,
}

/// `POST /api/vitals`: how the web client does in somebody's browser, since it last told.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TellVitals {
    /// The client's release, at most 64 characters.
    pub release: String,
    /// Largest Contentful Paint, in milliseconds.
    pub lcp_ms: Option<f64>,
    /// Interaction to Next Paint, in milliseconds.
    pub inp_ms: Option<f64>,
    /// Cumulative Layout Shift.
    pub cls: Option<f64>,
    /// From sending to the acknowledgement, in milliseconds, of at most 100 messages.
    #[serde(default)]
    pub acks_ms: Vec<f64>,
    /// Times the line had to be opened anew.
    #[schema(value_type = Option<i64>)]
    pub reconnects: Option<Whole>,
    /// Messages that could not be sent.
    #[schema(value_type = Option<i64>)]
    pub failed_sends: Option<Whole>,
}
