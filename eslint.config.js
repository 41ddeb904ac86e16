import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const floors = (allowed) => ({
  'no-restricted-imports': ['error', { patterns: allowed }],
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.stack/**', 'coverage/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-console': 'error',
    },
  },
  { files: ['**/*.mjs', '*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  // Programs that people run talk to a terminal.
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
  // Dependencies point one way: apps -> bank -> contracts, txmsg; txmsg -> nothing of ours.
  {
    files: ['libs/txmsg/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*'], message: 'txmsg knows nothing of banks or tools.' }]),
  },
  {
    files: ['libs/contracts/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*', 'txmsg', 'txmsg/*'], message: 'contracts stand at the bottom.' }]),
  },
  {
    files: ['libs/bank/**/*.ts'],
    rules: floors([
      { group: ['@txmsg/bank1', '@txmsg/bank2', '@txmsg/tools'], message: 'A library imports no app.' },
    ]),
  },
);
