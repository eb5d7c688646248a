/** Import boundaries: a lib imports only libs to its left, enters another lib by its index alone, and no cycle stands. */
const order = ['platform', 'reference', 'audit', 'identity', 'feed', 'operations', 'trends', 'reports'];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...order.map((lib, i) => ({
      name: `${lib}-looks-down-only`,
      severity: 'error',
      from: { path: `^libs/${lib}/` },
      to: { path: ['^apps/', ...order.slice(i + 1).map((upper) => `^libs/${upper}/`)] },
    })),
    { name: 'web-knows-only-the-schema', severity: 'error', from: { path: '^apps/web/' }, to: { path: '^libs/' } },
    {
      name: 'apps-stand-alone',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'enter-a-lib-by-its-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/(?!index[.]ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'no-own-index-inside-a-lib',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/$1/src/index[.]ts$' },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
    },
  },
};
