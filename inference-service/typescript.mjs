import { registerHooks } from 'node:module';

/** Lets Node run our TypeScript as it stands: sources name each other as they are once compiled. */
registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
