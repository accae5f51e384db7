/// Certificates for servers on loopback; the key is made for these tests and opens nothing.
///
/// All are signed by `authority`, with a P-256 key, and begin in 2020.
enum TestCertificates {
  /// Valid until 2120.
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBZTCCAQugAwIBAgIBETAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
    dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
    A1UEAwwOVGVzdCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARA
    jwrsM/4D1DxmZYUMTKEFqoZvo4CCmxoOawGTf5PP6ZC2EK2En1hCSSJiMt7ik540
    yaL5Qb5ft3HTXyra6MMWo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQE
    AwICBDAdBgNVHQ4EFgQUkweepRRdiA6JJA5AP6v7TeEatn0wCgYIKoZIzj0EAwID
    SAAwRQIhAMu4B50nb4IqUIKO+Z6hGriGdCdBBJ2HdX6Y/N2J6iuTAiBhZWJ8KPiS
    BWxMYsHy4ztLkRvxy540vByZ9aqmW2CnNQ==
    -----END CERTIFICATE-----

    """

  /// The key of all three servers.
  static let key = """
    -----BEGIN EC PRIVATE KEY-----
    MHcCAQEEIFyZVwi40ORXjHoCtdWRj+6R1Rh/lXyYwV2Fx+noXQ+UoAoGCCqGSM49
    AwEHoUQDQgAE5BdVpqqXHi28filxL0gzd+4j06ic7NvyBTsUAMlmeDq1gdUcGAfc
    3/ZKfUXsQCDojydpS+EpkExHbL7C2kpytw==
    -----END EC PRIVATE KEY-----

    """

  /// For 127.0.0.1 and localhost, until 2120.
  static let good = """
    -----BEGIN CERTIFICATE-----
    MIIBiTCCAS+gAwIBAgIBEjAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
    dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIG
    A1UEAwwLdGVzdCBzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATkF1Wm
    qpceLbx+KXEvSDN37iPTqJzs2/IFOxQAyWZ4OrWB1RwYB9zf9kp9RexAIOiPJ2lL
    4SmQTEdsvsLaSnK3o2kwZzAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCQYD
    VR0TBAIwADAdBgNVHQ4EFgQU6NFDRaelQKNm0i4nl3T6Va3rULIwHwYDVR0jBBgw
    FoAUkweepRRdiA6JJA5AP6v7TeEatn0wCgYIKoZIzj0EAwIDSAAwRQIgampkxw2X
    4uXousGyzzTmyzUB7+k+HKZ91jw5RTVXxCUCIQDu4+Zz3HkmJB8+hdFhII7ohuW0
    3hdrDclHXz11dA55dg==
    -----END CERTIFICATE-----

    """

  /// For 127.0.0.1 and localhost, until February 2020.
  static let expired = """
    -----BEGIN CERTIFICATE-----
    MIIBiDCCAS2gAwIBAgIBEzAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
    dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEwMDAwMDBaMBYxFDASBgNV
    BAMMC3Rlc3Qgc2VydmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5BdVpqqX
    Hi28filxL0gzd+4j06ic7NvyBTsUAMlmeDq1gdUcGAfc3/ZKfUXsQCDojydpS+Ep
    kExHbL7C2kpyt6NpMGcwGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MAkGA1Ud
    EwQCMAAwHQYDVR0OBBYEFOjRQ0WnpUCjZtIuJ5d0+lWt61CyMB8GA1UdIwQYMBaA
    FJMHnqUUXYgOiSQOQD+r+03hGrZ9MAoGCCqGSM49BAMCA0kAMEYCIQCpc/CjfFox
    Mvs9+SMAjFQCykGfGNLbxnbhUZFHhxv40AIhAIHpupc/90Eo2xGOGgEcMUKMQ/XY
    lmwx+nLCyLt/uxfi
    -----END CERTIFICATE-----

    """

  /// For elsewhere.example, until 2120.
  static let elsewhere = """
    -----BEGIN CERTIFICATE-----
    MIIBizCCATGgAwIBAgIBFDAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
    dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIG
    A1UEAwwLdGVzdCBzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATkF1Wm
    qpceLbx+KXEvSDN37iPTqJzs2/IFOxQAyWZ4OrWB1RwYB9zf9kp9RexAIOiPJ2lL
    4SmQTEdsvsLaSnK3o2swaTAcBgNVHREEFTATghFlbHNld2hlcmUuZXhhbXBsZTAJ
    BgNVHRMEAjAAMB0GA1UdDgQWBBTo0UNFp6VAo2bSLieXdPpVretQsjAfBgNVHSME
    GDAWgBSTB56lFF2IDokkDkA/q/tN4Rq2fTAKBggqhkjOPQQDAgNIADBFAiEAyIgc
    5qxTDc51bhYOf2ieCw40A3VIQ/IN3ZP2HKSA9RwCIG16yLcVkBSqZvZJJMYrH0mE
    m2SApCqbaa8f2inlFw0c
    -----END CERTIFICATE-----

    """
}
