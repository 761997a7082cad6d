/**
 * What the New Relic agent may not send, unless its own variables say otherwise: it forwards log lines, headers
 * and obfuscated SQL by default. Times, routes, statuses and error classes are left, which is what it is for.
 */
export const NEW_RELIC_DEFAULTS = {
  NEW_RELIC_APP_NAME: 'Stylizer core',
  NEW_RELIC_ATTRIBUTES_EXCLUDE:
    'request.headers.*,request.parameters.*,response.headers.*,message.parameters.*,http.url',
  NEW_RELIC_ALLOW_ALL_HEADERS: 'false',
  NEW_RELIC_APPLICATION_LOGGING_FORWARDING_ENABLED: 'false',
  NEW_RELIC_APPLICATION_LOGGING_LOCAL_DECORATING_ENABLED: 'false',
  NEW_RELIC_RECORD_SQL: 'off',
  NEW_RELIC_SLOW_SQL_ENABLED: 'false',
  // Messages of the database and of libraries may quote what a user sent; ours are in the log, by request id.
  NEW_RELIC_STRIP_EXCEPTION_MESSAGES_ENABLED: 'true',
};

export function keepNewRelicDiscreet(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(NEW_RELIC_DEFAULTS)) env[name] ||= value;
}
