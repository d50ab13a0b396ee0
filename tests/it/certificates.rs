//! Certificates for tests, made anew for each: good ones, expired ones, ones of a stranger.

use std::{fs, path::Path};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};

/// Writes certificates to a folder, each with a `.pem` and a `.key`: `ca` has issued `server`,
/// `client` and `expired`, and `stranger-ca` has issued `stranger`.
pub(crate) fn write(folder: &Path) {
    let ca = authority(folder, "ca", "the test's own");
    let stranger = authority(folder, "stranger-ca", "a stranger's");
    let for_servers = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    issue(folder, "server", &ca, for_servers);
    issue(folder, "client", &ca, |_| {});
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 2, 3);
    };
    issue(folder, "expired", &ca, expired);
    issue(folder, "stranger", &stranger, |_| {});
}

fn authority(folder: &Path, name: &str, subject: &str) -> Issuer<'static, KeyPair> {
    let mut params = params(subject, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    put(folder, name, &certificate, &key);
    Issuer::new(params, key)
}

fn issue(
    folder: &Path,
    name: &str,
    issuer: &Issuer<'_, KeyPair>,
    change: impl FnOnce(&mut CertificateParams),
) {
    let mut params = params(name, &["127.0.0.1", "localhost"]);
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    put(folder, name, &certificate, &key);
}

fn put(folder: &Path, name: &str, certificate: &Certificate, key: &KeyPair) {
    let write = |end: &str, text: String| {
        fs::write(folder.join(format!("{name}.{end}")), text).expect("room for a file");
    };
    write("pem", certificate.pem());
    write("key", key.serialize_pem());
}

fn params(subject: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = DistinguishedName::new();
    let name = &mut params.distinguished_name;
    name.push(DnType::OrganizationName, "shop, \"north\"");
    name.push(DnType::CommonName, subject);
    params
}
