import type { SchemaObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import { z } from 'zod';

type Converter = NonNullable<SwaggerDocumentOptions['standardSchemaConverter']>;

/**
 * A schema as OpenAPI 3.1 says it. One with an `id` (`.meta({ id })`) becomes a component and is referred to.
 * A key of `.meta()` stands for what JSON Schema says where the code says it in another way.
 */
export function openApiOf(
  schema: z.ZodType,
  io: 'input' | 'output' = 'output',
): { schema: SchemaObject; components: Record<string, SchemaObject> } {
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ schema }), {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      // The format says it, and in a way that tools know.
      if (jsonSchema.format) delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  for (const definition of Object.values($defs)) delete definition.id;
  return {
    schema: properties?.schema as SchemaObject,
    components: $defs as Record<string, SchemaObject>,
  };
}

export const standardSchemaConverter: Converter = (schema, { schemaType }) =>
  schema instanceof z.ZodType ? openApiOf(schema, schemaType) : undefined;
