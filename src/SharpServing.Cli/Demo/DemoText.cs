namespace SharpServing.Cli.Demo;

/// <summary>What the demo prints once it answers.</summary>
internal static class DemoText
{
    public static string ForPorts(int? grpcPort, int? restPort)
    {
        string url = $"http://localhost:{restPort}";
        return restPort is null
            ? $"SharpServing demo: gRPC on port {grpcPort}. Give --rest_api_port for the page and REST.\n"
            : $$"""
                SharpServing demo: page {{url}}/   REST {{url}}/v1/…   gRPC localhost:{{grpcPort}}

                Requests to copy:
                  curl {{url}}/v1/models/linear:predict -d '{"instances": [1.0, 2.0, 5.0]}'
                  curl {{url}}/v1/models/points:predict -d '{"instances": [[0.5, 0.5], [1.0, -0.5]]}'
                  python3 -c 'print({"instances": [[[[float(9<c<19 and r in (6,7,20,21) or 4<r<24 and c in (17,18))] for c in range(28)] for r in range(28)]]})' | tr "'" '"' | curl {{url}}/v1/models/digits:predict -d @-
                  echo '{"signature_name": "image_bytes", "instances": [{"b64": "'$(base64 -w0 picture.jpg)'"}]}' | curl {{url}}/v1/models/shapes:predict -d @-
                  curl {{url}}/v1/models/shapes/metadata

                Your own model (a folder that holds 1/saved_model.pb):
                  sharpserving serve --rest_api_port=8501 --model_name=NAME --model_base_path=/absolute/path/to/FOLDER

                Ctrl+C stops.

                """;
    }
}
