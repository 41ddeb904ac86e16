import type { RocketmqAdminOptions, RocketmqCredentials } from 'txmsg/admin';

/** How access to RocketMQ is restricted; without it every process on this machine has all rights, in plain text. */
export interface StackSecurity {
  /** Turns authentication and authorization on. This user may do everything, and makes the others. */
  readonly administrator?: RocketmqCredentials;
  /** Broker and proxy speak TLS with this certificate, and nothing else. */
  readonly tls?: StackTls;
}

/** Files in PEM. */
export interface StackTls {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The contents of the authority's certificate, for those who connect. */
  readonly authorities: string;
}

/** How the administrator reaches a stack that is locked so. */
export function adminOptions({
  administrator,
  tls,
}: StackSecurity): Pick<RocketmqAdminOptions, 'credentials' | 'tls'> {
  return {
    ...(administrator === undefined ? {} : { credentials: administrator }),
    ...(tls === undefined ? {} : { tls: { authorities: Buffer.from(tls.authorities) } }),
  };
}

/** Names and defaults: AuthConfig of 5.4.0. */
export function brokerSecurity({ administrator }: StackSecurity): Record<string, string | boolean> {
  if (administrator === undefined) return {};
  const metadata = 'org.apache.rocketmq.auth';
  const { accessKey, accessSecret } = administrator;
  return {
    ...accessControl(administrator),
    authenticationMetadataProvider: `${metadata}.authentication.provider.LocalAuthenticationMetadataProvider`,
    authorizationMetadataProvider: `${metadata}.authorization.provider.LocalAuthorizationMetadataProvider`,
    // Made when there is no user yet, with the right to do everything.
    initAuthenticationUser: JSON.stringify({ username: accessKey, password: accessSecret }),
  };
}

/** Names and defaults: AuthConfig and ProxyConfig of 5.4.0. The proxy asks the broker about users and rights. */
export function proxySecurity({ administrator, tls }: StackSecurity): Record<string, string | boolean> {
  const metadata = 'org.apache.rocketmq.proxy.auth';
  return {
    ...(administrator === undefined
      ? {}
      : {
          ...accessControl(administrator),
          authenticationMetadataProvider: `${metadata}.ProxyAuthenticationMetadataProvider`,
          authorizationMetadataProvider: `${metadata}.ProxyAuthorizationMetadataProvider`,
        }),
    ...(tls === undefined
      ? {}
      : { tlsTestModeEnable: false, tlsCertPath: tls.certificateFile, tlsKeyPath: tls.keyFile }),
  };
}

/** `tls.server.mode` is the only switch that turns plain text off, for the proxy as for the broker. */
export function javaSecurity({ tls }: StackSecurity): string[] {
  if (tls === undefined) return [];
  return [
    '-Dtls.server.mode=enforcing',
    '-Dtls.test.mode.enable=false',
    `-Dtls.server.certPath=${tls.certificateFile}`,
    `-Dtls.server.keyPath=${tls.keyFile}`,
  ];
}

function accessControl(administrator: RocketmqCredentials): Record<string, string | boolean> {
  const provider = 'org.apache.rocketmq.auth';
  return {
    authenticationEnabled: true,
    authenticationProvider: `${provider}.authentication.provider.DefaultAuthenticationProvider`,
    authorizationEnabled: true,
    authorizationProvider: `${provider}.authorization.provider.DefaultAuthorizationProvider`,
    // With this the servers call each other.
    innerClientAuthenticationCredentials: JSON.stringify({
      accessKey: administrator.accessKey,
      secretKey: administrator.accessSecret,
    }),
  };
}
