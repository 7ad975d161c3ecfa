//! Temporary.
use std::hint::black_box;
use std::time::Instant;
use bytes::{Bytes, BytesMut};
use wamp_proto::codec::*;
use wamp_proto::payload::*;
fn time(name: &str, n: u32, bytes: usize, mut f: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..7 { let t = Instant::now(); for _ in 0..n { f(); } best = best.min(t.elapsed().as_secs_f64() / f64::from(n)); }
    println!("{name:40} {:9.1} ns  {:6.2} GB/s", best * 1e9, bytes as f64 / best / 1e9);
}
fn main() {
    let big = "a".repeat(65536); let mut json = BytesMut::new(); to_bytes(Format::Json, &big, &mut json).unwrap();
    time("json skip 64K", 2000, 65536, || { black_box(Format::Json.reader(black_box(&json)).value().unwrap()); });
    time("json from_slice &str 64K", 2000, 65536, || { black_box(from_slice::<&str>(Format::Json, black_box(&json)).unwrap()); });
    let mut out = BytesMut::with_capacity(1 << 18);
    time("json encode str 64K", 2000, 65536, || { out.clear(); to_bytes(Format::Json, black_box(&big), &mut out).unwrap(); });
    let uni = "äb".repeat(20000); let mut ujson = BytesMut::new(); to_bytes(Format::Json, &uni, &mut ujson).unwrap();
    time("json skip utf8 60K", 2000, uni.len(), || { black_box(Format::Json.reader(black_box(&ujson)).value().unwrap()); });
    for f in [Format::Json, Format::MsgPack, Format::Cbor] {
        let p = Payload::from_value(f, &(1, 2)).unwrap();
        time(&format!("{f} elements [1,2] -> 2 i64"), 200_000, 0, || { for e in black_box(&p).elements() { black_box(from_slice::<i64>(f, e).unwrap()); } });
        time(&format!("{f} decode_args (i64,i64)"), 200_000, 0, || { black_box(black_box(&p).decode_args::<(i64, i64)>().unwrap()); });
        time(&format!("{f} write_value i64"), 200_000, 0, || { out.clear(); out.extend_from_slice(b"x"); black_box(write_value(f, black_box(&3_i64), &mut out).unwrap()); });
        time(&format!("{f} from_value (i64, i64)"), 200_000, 0, || { black_box(Payload::from_value(f, black_box(&(3_i64, 4_i64))).unwrap()); });
    }
    let msg = br#"[48,7814135,{},"com.myapp.user.new",["johnny"],{"firstname":"John","surname":"Doe"}]"#;
    time("json skip 84 B message", 200_000, msg.len(), || { black_box(Format::Json.reader(black_box(msg)).value().unwrap()); });
    let msg = br#"[48,7814135,{},"math.add2",[123,456]]"#;
    time("json read a CALL", 200_000, msg.len(), || { let mut r = Format::Json.reader(black_box(msg)); black_box(r.next().unwrap()); black_box(r.next().unwrap()); black_box(r.next().unwrap()); black_box(r.value().unwrap()); black_box(r.next().unwrap()); black_box(r.has_next().unwrap()); black_box(r.value().unwrap()); black_box(r.next().unwrap()); r.finish().unwrap(); });
    time("json write RESULT head", 200_000, 0, || { out.clear(); let mut w = Format::Json.writer(&mut out); w.seq(Some(4)).unwrap(); w.u64(50).unwrap(); w.u64(black_box(7814135)).unwrap(); w.map(Some(0)).unwrap(); w.end().unwrap(); });
    let b = Bytes::from_static(msg); black_box(b);
}
