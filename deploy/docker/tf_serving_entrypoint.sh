#!/bin/sh
# What the TensorFlow Serving image runs. Arguments of `docker run` come last, so they win; --model_config_file makes name and path
# be ignored. exec: the server is process 1 and sees the signal of `docker stop`.
exec tensorflow_model_server --port=8500 --rest_api_port=8501 \
    --model_name="${MODEL_NAME}" --model_base_path="${MODEL_BASE_PATH}/${MODEL_NAME}" "$@"
