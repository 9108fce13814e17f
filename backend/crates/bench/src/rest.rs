//! As much of an HTTP client as making accounts and rooms needs: one kept connection, JSON.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Result};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Rest {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
}

impl Rest {
    pub(crate) fn to(host: SocketAddr) -> Result<Rest> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Rest {
            stream: BufReader::new(stream),
            host,
        })
    }

    /// Sends JSON and takes JSON; anything but a success is an error.
    pub(crate) fn post(&mut self, path: &str, token: Option<&str>, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let credential = token.map_or_else(String::new, |token| {
            format!("Authorization: Bearer {token}\r\n")
        });
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{credential}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        if !(200..300).contains(&status) {
            return Err(Failure::Refused {
                what: path.to_owned(),
                status,
                body: String::from_utf8_lossy(&body).into_owned(),
            });
        }
        Ok(serde_json::from_slice(&body)?)
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let odd = || Failure::Protocol("an HTTP answer has no status or length".to_owned());
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.ok_or_else(odd)?];
        self.stream.read_exact(&mut body)?;
        Ok((status.ok_or_else(odd)?, body))
    }
}
