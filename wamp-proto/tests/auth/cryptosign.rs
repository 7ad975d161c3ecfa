//! `cryptosign` against what others compute.

use wamp_proto::auth::cryptosign::{SigningKey, verify};

use crate::{count, hex};

struct Vector {
    channel_id: Option<&'static str>,
    seed: &'static str,
    challenge: &'static str,
    signature: &'static str,
}

/// The vectors of the specification, "Test Vectors" of WAMP-Cryptosign, all six.
const SPECIFICATION: [Vector; 6] = [
    Vector {
        channel_id: None,
        seed: "4d57d97a68f555696620a6d849c0ce582568518d729eb753dc7c732de2804510",
        challenge: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        signature: "b32675b221f08593213737bef8240e7c15228b07028e19595294678c90d11c0cae80a357331bfc5cc9fb71081464e6e75013517c2cf067ad566a6b7b728e5d03ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    },
    Vector {
        channel_id: None,
        seed: "d511fe78e23934b3dadb52fcd022974b80bd92bccc7c5cf404e46cc0a8a2f5cd",
        challenge: "b26c1f87c13fc1da14997f1b5a71995dff8fbe0a62fae8473c7bdbd05bfb607d",
        signature: "d4209ad10d5aff6bfbc009d7e924795de138a63515efc7afc6b01b7fe5201372190374886a70207b042294af5bd64ce725cd8dceb344e6d11c09d1aaaf4d660fb26c1f87c13fc1da14997f1b5a71995dff8fbe0a62fae8473c7bdbd05bfb607d",
    },
    Vector {
        channel_id: None,
        seed: "6e1fde9cf9e2359a87420b65a87dc0c66136e66945196ba2475990d8a0c3a25b",
        challenge: "b05e6b8ad4d69abf74aa3be3c0ee40ae07d66e1895b9ab09285a2f1192d562d2",
        signature: "7beb282184baadd08f166f16dd683b39cab53816ed81e6955def951cb2ddad1ec184e206746fd82bda075af03711d3d5658fc84a76196b0fa8d1ebc92ef9f30bb05e6b8ad4d69abf74aa3be3c0ee40ae07d66e1895b9ab09285a2f1192d562d2",
    },
    Vector {
        channel_id: Some("62e935ae755f3d48f80d4d59f6121358c435722a67e859cc0caa8b539027f2ff"),
        seed: "4d57d97a68f555696620a6d849c0ce582568518d729eb753dc7c732de2804510",
        challenge: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        signature: "9b6f41540c9b95b4b7b281c3042fa9c54cef43c842d62ea3fd6030fcb66e70b3e80d49d44c29d1635da9348d02ec93f3ed1ef227dfb59a07b580095c2b82f80f9d16ca518aa0c2b707f2b2a609edeca73bca8dd59817a633f35574ac6fd80d00",
    },
    Vector {
        channel_id: Some("62e935ae755f3d48f80d4d59f6121358c435722a67e859cc0caa8b539027f2ff"),
        seed: "d511fe78e23934b3dadb52fcd022974b80bd92bccc7c5cf404e46cc0a8a2f5cd",
        challenge: "b26c1f87c13fc1da14997f1b5a71995dff8fbe0a62fae8473c7bdbd05bfb607d",
        signature: "305aaa3ac25e98f651427688b3fc43fe7d8a68a7ec1d7d61c61517c519bd4a427c3015599d83ca28b4c652333920223844ef0725eb5dc2febfd6af7677b73f01d0852a29b460fc92ec943242ac638a053bbacc200512b18b30d15083cbdc9282",
    },
    Vector {
        channel_id: Some("62e935ae755f3d48f80d4d59f6121358c435722a67e859cc0caa8b539027f2ff"),
        seed: "6e1fde9cf9e2359a87420b65a87dc0c66136e66945196ba2475990d8a0c3a25b",
        challenge: "b05e6b8ad4d69abf74aa3be3c0ee40ae07d66e1895b9ab09285a2f1192d562d2",
        signature: "ee3c7644fd8070532bc1fde3d70d742267da545d8c8f03e63bda63f1ad4214f4d2c4bfdb4eb9526def42deeb7e31602a6ff99eba893e0a4ad4d45892ca75e608d2b75e24a189a7f78ca776ba36fc53f6c3e31c32f251f2c524f0a44202f2902d",
    },
];

/// What `autobahn.wamp.cryptosign.CryptosignKey.sign_challenge` gives, Autobahn|Python 26.10.2 with PyNaCl 1.6.2.
const AUTOBAHN: [Vector; 2] = [
    Vector {
        channel_id: None,
        seed: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        challenge: "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
        signature: "4f31ac4921cfa677bc759f56da0e608f3fe6accb0ee78e4c8b91bbc651f73cf8085c9efd29cec0dc170b8cffa042d75a54ff9e24e4fe54e2759598168c64030dc3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    },
    Vector {
        channel_id: Some("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"),
        seed: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        challenge: "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
        signature: "36cf1385b387358f37e862745dc46a194e1e13b9204222ff4428cf3d4fa55d334485a3aeec97d9568a454823b9e8b7d4fe08fa4ddad30653499cb5d9cdb2ea0d9999999999999999999999999999999999999999999999999999999999999999",
    },
];

#[test]
fn signatures_agree_with_specification_and_autobahn() {
    for vector in SPECIFICATION.iter().chain(&AUTOBAHN) {
        let key = SigningKey::from_hex(vector.seed).unwrap();
        let challenge = hex(vector.challenge);
        let channel_id = vector.channel_id.map(hex);
        assert_eq!(key.sign(&challenge, channel_id.as_ref()), vector.signature);
        for signature in [vector.signature.to_owned(), vector.signature.to_uppercase()] {
            assert!(
                verify(
                    &key.public_key(),
                    &challenge,
                    channel_id.as_ref(),
                    &signature
                )
                .is_ok()
            );
        }
    }
}

/// RFC 8032, section 7.1, and Autobahn for the last one.
#[test]
fn public_keys_agree_with_rfc_8032() {
    for (seed, public) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        ),
        (
            "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
        ),
    ] {
        let key = SigningKey::from_hex(seed).unwrap().public_key();
        assert_eq!(key.to_hex(), public);
        assert_eq!(key.to_string(), public);
        assert_eq!(key.as_bytes(), &hex(public));
        assert_eq!(format!("{key:?}"), format!("PublicKey({public})"));
    }
    assert_eq!(
        SigningKey::from_seed(count(0)).public_key().to_hex(),
        "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    );
}
