package io.lazerofs.it.dio;

import io.lazerofs.dio.DirectIoSettings;
import io.lazerofs.dio.DirectIoSettings.Alignment;
import io.lazerofs.dio.DirectIoSettings.Backing;
import io.lazerofs.dio.DirectIoSettings.Compressed;
import io.lazerofs.fetcher.http.HttpSettings;
import io.lazerofs.fetcher.lazy.FetchPolicy;

/** How a lazily loaded layer is fetched and served. */
record LazySettings(FetchPolicy policy, HttpSettings http, DirectIoSettings directIo) {

  /** What a daemon has when nobody says otherwise. */
  static final LazySettings DEFAULT =
      new LazySettings(FetchPolicy.DEFAULT, HttpSettings.defaults(), DirectIoSettings.DEFAULT);

  /** Returns these with so little fetched at a time that much is absent for long. */
  LazySettings inSmallUnits() {
    return new LazySettings(new FetchPolicy(16 << 10, 64 << 10, 0, 64 << 10), http, directIo);
  }

  LazySettings withHttp(HttpSettings changed) {
    return new LazySettings(policy, changed, directIo);
  }

  LazySettings withBacking(Backing backing) {
    return new LazySettings(
        policy, http, new DirectIoSettings(Alignment.PER_MAPPING, Compressed.DECODE, backing));
  }
}
