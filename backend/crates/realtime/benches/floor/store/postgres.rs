//! One prepared statement over arrays, sent and answered in one round trip.
//!
//! The protocol is spoken by hand, since so little of it is needed: a password as it is, strings
//! as text, and nothing that comes back is read but whether it went well.

use std::fmt::Write as _;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Waiting, failed};

const VERSION: u32 = 3 << 16;
const PLAIN_PASSWORD: [u8; 4] = 3_u32.to_be_bytes();
/// No answer to any of this is longer.
const LONGEST: usize = 1 << 20;
const TABLE: &str = "CREATE TABLE messages (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id text NOT NULL,
    client_id text NOT NULL,
    content text NOT NULL
)";
const INSERT: &str = "INSERT INTO messages (room_id, client_id, content)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])";

pub(crate) struct Postgres {
    stream: TcpStream,
    out: Vec<u8>,
    answer: Vec<u8>,
}

impl Postgres {
    /// Connects to `postgres://name:password@host:port/database`, which has nothing in it.
    pub(crate) async fn connect(url: &str) -> io::Result<Postgres> {
        let parts = || {
            let (credentials, place) = url.strip_prefix("postgres://")?.rsplit_once('@')?;
            let (name, password) = credentials.split_once(':')?;
            let (host, database) = place.split_once('/')?;
            Some((name, password, host, database))
        };
        let (name, password, host, database) = parts().ok_or_else(|| failed("not such a URL"))?;
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let mut postgres = Postgres {
            stream,
            out: Vec::new(),
            answer: Vec::new(),
        };
        let mut hello = VERSION.to_be_bytes().to_vec();
        hello.extend_from_slice(format!("user\0{name}\0database\0{database}\0\0").as_bytes());
        postgres.put(None, &hello);
        postgres.flush().await?;
        if postgres.read().await? != (b'R', &PLAIN_PASSWORD) {
            return Err(failed(
                "PostgreSQL wants another proof than a plain password",
            ));
        }
        postgres.put(Some(b'p'), format!("{password}\0").as_bytes());
        postgres.finish().await?;
        postgres.put(Some(b'Q'), format!("{TABLE}\0").as_bytes());
        postgres.finish().await?;
        postgres.put(Some(b'P'), format!("insert\0{INSERT}\0\0\0").as_bytes());
        postgres.put(Some(b'S'), b"");
        postgres.finish().await?;
        Ok(postgres)
    }

    pub(crate) async fn store(&mut self, batch: &[Waiting]) -> io::Result<()> {
        let mut bound = b"\0insert\0".to_vec();
        // All parameters are text, and there are three.
        bound.extend_from_slice(&[0, 0, 0, 3]);
        put_array(&mut bound, batch.iter().map(|said| &said.room_id));
        put_array(&mut bound, batch.iter().map(|said| &said.client_id));
        put_array(&mut bound, batch.iter().map(|said| &said.content));
        bound.extend_from_slice(&[0, 0]);
        self.put(Some(b'B'), &bound);
        self.put(Some(b'E'), b"\0\0\0\0\0");
        self.put(Some(b'S'), b"");
        self.finish().await
    }

    fn put(&mut self, kind: Option<u8>, body: &[u8]) {
        self.out.extend(kind);
        self.out.extend_from_slice(&length(body.len() + 4));
        self.out.extend_from_slice(body);
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }

    /// Sends, and reads until the server is ready for more.
    async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        loop {
            match self.read().await? {
                (b'Z', _) => return Ok(()),
                (b'E', why) => return Err(failed(String::from_utf8_lossy(why))),
                _ => {}
            }
        }
    }

    async fn read(&mut self) -> io::Result<(u8, &[u8])> {
        let kind = self.stream.read_u8().await?;
        let length = self.stream.read_u32().await?.saturating_sub(4) as usize;
        if length > LONGEST {
            return Err(failed("PostgreSQL says too much"));
        }
        self.answer.resize(length, 0);
        self.stream.read_exact(&mut self.answer).await?;
        Ok((kind, &self.answer))
    }
}

fn put_array<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a String>) {
    let mut array = String::from("{");
    for text in texts {
        if array.len() > 1 {
            array.push(',');
        }
        // Quoted as a debugger would is quoted as an array wants it, for what drivers say.
        write!(array, "{text:?}").expect("memory takes all");
    }
    array.push('}');
    out.extend_from_slice(&length(array.len()));
    out.extend_from_slice(array.as_bytes());
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes)
        .expect("a batch is no gigabyte")
        .to_be_bytes()
}
