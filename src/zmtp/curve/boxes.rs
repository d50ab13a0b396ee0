//! Boxes and their nonces. A box is a tag of 16 bytes and as many bytes as are in it.

use crypto_box::aead::{
    AeadInPlace, Nonce, Tag,
    generic_array::typenum::{U16, U24},
};

/// Bytes that a box is longer than what is in it.
pub(super) const TAG: usize = 16;

/// A cipher that makes boxes.
pub(super) trait Cipher: AeadInPlace<NonceSize = U24, TagSize = U16> {}

impl<C: AeadInPlace<NonceSize = U24, TagSize = U16>> Cipher for C {}

/// The nonce of a box, of two parts that are 24 bytes together: what kind of box it is, and
/// what makes it unique.
pub(super) fn nonce(kind: &[u8], unique: &[u8]) -> [u8; 24] {
    let mut nonce = [0; 24];
    let (head, tail) = nonce.split_at_mut(kind.len());
    head.copy_from_slice(kind);
    tail.copy_from_slice(unique);
    nonce
}

/// Appends the box of what stands in `out` from `start` on, in its place: there must be
/// [`TAG`] bytes of room in front of it, which become the tag.
pub(super) fn seal_in_place(cipher: &impl Cipher, nonce: &[u8; 24], boxed: &mut [u8]) {
    let (tag, text) = boxed.split_at_mut(TAG);
    let nonce = Nonce::<crypto_box::SalsaBox>::from_slice(nonce);
    // It fails beyond 2^38 bytes; a tag of zeros opens nothing.
    if let Ok(made) = cipher.encrypt_in_place_detached(nonce, b"", text) {
        tag.copy_from_slice(&made);
    }
}

/// Appends the box of `text`.
pub(super) fn seal(cipher: &impl Cipher, nonce: &[u8; 24], text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + TAG, 0);
    out.extend_from_slice(text);
    seal_in_place(cipher, nonce, &mut out[start..]);
}

/// What is in a box; `None` if it is shorter than a tag, or not of those keys.
pub(super) fn open(cipher: &impl Cipher, nonce: &[u8; 24], boxed: &[u8]) -> Option<Vec<u8>> {
    let (tag, text) = boxed.split_at_checked(TAG)?;
    let mut text = text.to_vec();
    open_in_place(cipher, nonce, tag, &mut text).then_some(text)
}

/// Opens a box where its bytes stand; says whether it was one of those keys.
pub(super) fn open_in_place(
    cipher: &impl Cipher,
    nonce: &[u8; 24],
    tag: &[u8],
    text: &mut [u8],
) -> bool {
    let nonce = Nonce::<crypto_box::SalsaBox>::from_slice(nonce);
    let tag = Tag::<crypto_box::SalsaBox>::from_slice(tag);
    cipher
        .decrypt_in_place_detached(nonce, b"", text, tag)
        .is_ok()
}
